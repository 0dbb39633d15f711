/** CREATE EXTENSION and ALTER EXTENSION … UPDATE for the extensions that are part of the server. */
import type { AlterExtensionStmt, CreateExtensionStmt, DefElem } from '@pgsql/types';
import { createExtension } from '../catalog/ddl/create-extension.js';
import { type ExtensionFacts, extensionFacts } from '../catalog/extension-facts.js';
import { sqlError } from '../errors/sql-error.js';
import type { Task } from '../util/task.js';
import { isSuperuser, requireCreateInDatabase } from './access.js';
import type { DdlContext } from './ddl-context.js';
import { defElems, optionText } from './option-values.js';
import { creationNamespace } from './relation-names.js';
import { skipExisting } from './skipping.js';

/** It was there before all others, and has no facts of its own. */
const LANGUAGE = 'plpgsql';

export function* createExtensionStatement(cx: DdlContext, statement: CreateExtensionStmt): Task<string> {
  const name = statement.extname ?? '';
  const options = defElems(statement.options);
  if (isInstalled(cx, name) || name === LANGUAGE) {
    skipExisting(cx, statement.if_not_exists, sqlError('duplicate_object', `extension "${name}" already exists`));
    return 'CREATE EXTENSION';
  }
  yield* install(cx, name, options);
  return 'CREATE EXTENSION';
}

function* install(cx: DdlContext, name: string, options: readonly DefElem[]): Task<void> {
  const facts = available(name);
  const version = textOf(options, 'new_version');
  if (version !== undefined && version !== facts.version) {
    throw sqlError(
      'invalid_parameter_value',
      `extension "${name}" has no installation script nor update path for version "${version}"`,
    );
  }
  if (!isSuperuser(cx)) {
    if (facts.trusted) requireCreateInDatabase(cx);
    else
      throw sqlError('insufficient_privilege', `permission denied to create extension "${name}"`, {
        hint: 'Must be superuser to create this extension.',
      });
  }
  const schema = textOf(options, 'schema');
  const namespace = yield* creationNamespace(cx, schema ?? null, name);
  for (const required of facts.requires) {
    if (isInstalled(cx, required)) continue;
    if (!options.some(({ defname }) => defname === 'cascade')) {
      throw sqlError('undefined_object', `required extension "${required}" is not installed`, {
        hint: 'Use CREATE EXTENSION ... CASCADE to install required extensions too.',
      });
    }
    cx.notice('NOTICE', `installing required extension "${required}"`);
    yield* install(cx, required, options);
  }
  yield* createExtension(cx.writer, facts, { namespace, owner: cx.role });
}

export function alterExtensionStatement(cx: DdlContext, statement: AlterExtensionStmt): string {
  const name = statement.extname ?? '';
  const installed = cx.writer.findOne('pg_extension_name_index', [name]);
  if (installed === undefined) throw sqlError('undefined_object', `extension "${name}" does not exist`);
  const current = installed.text('extversion');
  const wanted = textOf(defElems(statement.options), 'new_version') ?? current;
  if (wanted !== current) {
    throw sqlError(
      'invalid_parameter_value',
      `extension "${name}" has no update path from version "${current}" to version "${wanted}"`,
    );
  }
  cx.notice('NOTICE', `version "${current}" of extension "${name}" is already installed`);
  return 'ALTER EXTENSION';
}

function isInstalled(cx: DdlContext, name: string): boolean {
  return cx.writer.findOne('pg_extension_name_index', [name]) !== undefined;
}

function available(name: string): ExtensionFacts {
  const facts = extensionFacts(name);
  if (facts !== undefined) return facts;
  throw sqlError('feature_not_supported', `extension "${name}" is not available`, {
    hint: 'The extension must first be installed on the system where PostgreSQL is running.',
  });
}

function textOf(options: readonly DefElem[], name: string): string | undefined {
  const option = options.find(({ defname }) => defname === name);
  return option === undefined ? undefined : optionText(option);
}
