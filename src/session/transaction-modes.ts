/** Isolation level, read-only and deferrable of the running transaction: as settings, and as options of BEGIN and SET TRANSACTION. */
import type { Node } from '@pgsql/types';
import type { Settings, TransactionSetting } from './settings.js';
import type { TransactionBlock } from './transaction-block.js';

const onOff = (value: boolean): string => (value ? 'on' : 'off');

/** The settings whose value is that of the running transaction. */
export function transactionSettings(block: () => TransactionBlock): ReadonlyMap<string, TransactionSetting> {
  return new Map([
    ['transaction_isolation', { read: () => block().isolation, write: (value: string) => block().setIsolation(value) }],
    [
      'transaction_read_only',
      {
        read: () => onOff(block().ensure().readOnly),
        write: (value: string) => block().setReadOnly(value === 'on'),
      },
    ],
    [
      'transaction_deferrable',
      { read: () => onOff(block().deferrable), write: (value: string) => block().setDeferrable(value === 'on') },
    ],
  ]);
}

/** ISOLATION LEVEL, READ ONLY, DEFERRABLE; `prefix` is `default_` for those of later transactions. */
export function applyModes(settings: Settings, options: readonly Node[], prefix = ''): void {
  for (const node of options) {
    if (!('DefElem' in node)) continue;
    const argument = node.DefElem.arg;
    const constant = argument !== undefined && 'A_Const' in argument ? argument.A_Const : undefined;
    const value = constant?.sval?.sval ?? onOff(constant?.ival?.ival === 1);
    settings.set(`${prefix}${node.DefElem.defname}`, value, false);
  }
}
