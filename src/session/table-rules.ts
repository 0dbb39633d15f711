/** The rules of tables, bound and compiled, for `orbit-server check`. */
import type { RulesOf } from '../check/table-rules.js';
import { notSupported } from '../errors/sql-error.js';
import { ExecContext } from '../exec/exec-context.js';
import { Compiler } from '../exec/expression/compile.js';
import { GinWriter } from '../exec/gin/gin-writer.js';
import { IndexWriter } from '../exec/index-writer.js';
import { BindContext } from '../sql/binder/bind-context.js';
import { bindWriteTarget } from '../sql/binder/write-target.js';
import { isItemIndex } from '../sql/plan/item-index.js';
import type { Session } from './session.js';

export function tableRules(session: Session): RulesOf {
  return (relation) => {
    const transaction = session.block.ensure();
    const exec = new ExecContext(session.environment, () => {
      throw notSupported('a subquery in this place');
    });
    exec.begin(transaction, transaction.latest(), []);
    const { target } = bindWriteTarget(new BindContext(session.environment, '', [], false), relation);
    const compiler = new Compiler(exec, target.columns);
    const checks = target.checks.map(({ name, expr }) => ({ name, test: compiler.compile(expr) }));
    return {
      exec,
      brokenCheck: (row) => checks.find(({ test }) => test(row) === false)?.name ?? null,
      hasEntries: (index) => isItemIndex(session.environment.catalog, index),
      keysOf(index) {
        const found = target.indexes.find(({ index: { oid } }) => oid === index.oid);
        if (found === undefined) throw new Error(`index "${index.name}" is not bound`);
        if (index.method === 'gin') {
          const gin = new GinWriter(exec, compiler, target.columns, found);
          return (row) => gin.keys(row);
        }
        const btree = new IndexWriter(exec, compiler, target.columns, found);
        return (row) => {
          const key = btree.key(row);
          return key === null ? [] : [key];
        };
      },
    };
  };
}
