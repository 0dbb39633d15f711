/**
 * DROP: finds the dependents, refuses or reports them as PostgreSQL does, and removes everything.
 */
import { sqlError } from '../../errors/sql-error.js';
import type { Task } from '../../util/task.js';
import type { CatalogWriter } from '../catalog-writer.js';
import type { CatalogView } from '../descriptors.js';
import type { ObjectAddress } from './dependencies.js';
import { DependentFinder, type DropTarget, REACHED } from './find-dependents.js';
import { describeObject } from './object-description.js';
import { removeObject } from './remove-object.js';

export type DropBehavior = 'restrict' | 'cascade';

export interface DropOptions {
  readonly behavior: DropBehavior;
  /** Shows a NOTICE to the client. */
  readonly notice: (message: string, detail?: string) => void;
  /** Locks what belongs to the objects; true when the catalog may have changed meanwhile. */
  readonly lock?: (objects: readonly ObjectAddress[]) => Task<boolean>;
  /** The objects themselves stay; only what depends on them goes. */
  readonly keepOriginals?: boolean;
  /** Called before each object is removed, for what lives outside the catalogs. */
  readonly removing?: (object: ObjectAddress) => void;
}

const MAX_REPORTED = 100;
const SILENT = REACHED.auto | REACHED.internal | REACHED.partition | REACHED.extension;

/**
 * Drops objects and whatever depends on them. `view` is the transaction's current one. Throws 2BP01 when something
 * depends on them and `behavior` is 'restrict', or when one is an internal part of another object.
 */
export function* dropObjects(
  writer: CatalogWriter,
  view: CatalogView,
  objects: readonly ObjectAddress[],
  options: DropOptions,
): Task<void> {
  const describe = (object: ObjectAddress): string =>
    describeObject(view, object) ?? `object ${object.classId}/${object.objectId}`;
  const owned = (object: ObjectAddress, owner: ObjectAddress): Error =>
    sqlError(
      'dependent_objects_still_exist',
      `cannot drop ${describe(object)} because ${describe(owner)} requires it`,
      { hint: `You can drop ${describe(owner)} instead.` },
    );
  const findTargets = (): readonly DropTarget[] => new DependentFinder(writer, objects, owned).findAll();
  let targets = findTargets();
  if (options.lock !== undefined) {
    while (yield* options.lock(targets.map(({ object }) => object))) targets = findTargets();
  }
  const reported = targets
    .filter((target) => (target.reached & (REACHED.original | REACHED.subobject | SILENT)) === 0)
    .reverse();
  if (reported.length > 0) {
    if (options.behavior === 'restrict') throw restrictError(objects, reported, describe);
    reportCascade(reported, describe, options.notice);
  }
  for (const target of targets) {
    if ((target.reached & REACHED.subobject) !== 0) continue;
    if (options.keepOriginals && (target.reached & REACHED.original) !== 0) continue;
    options.removing?.(target.object);
    yield* removeObject(writer, target.object);
  }
}

function restrictError(
  objects: readonly ObjectAddress[],
  reported: readonly DropTarget[],
  describe: (object: ObjectAddress) => string,
): Error {
  const lines = reported.map(({ object, dependee }) =>
    dependee === null ? describe(object) : `${describe(object)} depends on ${describe(dependee)}`,
  );
  const message =
    objects.length === 1
      ? `cannot drop ${describe(objects[0])} because other objects depend on it`
      : 'cannot drop desired object(s) because other objects depend on them';
  return sqlError('dependent_objects_still_exist', message, {
    detail: joinReport(lines),
    hint: 'Use DROP ... CASCADE to drop the dependent objects too.',
  });
}

function reportCascade(
  reported: readonly DropTarget[],
  describe: (object: ObjectAddress) => string,
  notice: DropOptions['notice'],
): void {
  const lines = reported.map(({ object }) => `drop cascades to ${describe(object)}`);
  if (lines.length === 1) notice(lines[0]);
  else notice(`drop cascades to ${lines.length} other objects`, joinReport(lines));
}

function joinReport(lines: readonly string[]): string {
  if (lines.length <= MAX_REPORTED) return lines.join('\n');
  const more = lines.length - MAX_REPORTED;
  const rest = `and ${more} other object${more === 1 ? '' : 's'} (see server log for list)`;
  return [...lines.slice(0, MAX_REPORTED), rest].join('\n');
}
