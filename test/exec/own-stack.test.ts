import t from 'tap';
import { CallDepth, onOwnStack } from '../../src/exec/own-stack.js';
import { GIVE_WAY, runTask, type Task } from '../../src/util/task.js';

function* nested(depth: CallDepth, levels: number): Task<number> {
  depth.enter();
  try {
    if (levels === 0) {
      yield GIVE_WAY;
      return 0;
    }
    const inner = depth.wantsOwnStack ? onOwnStack(depth, () => nested(depth, levels - 1)) : nested(depth, levels - 1);
    return (yield* inner) + 1;
  } finally {
    depth.leave();
  }
}

t.test('calls inside calls go deep, and wait at the bottom', async (t) => {
  const depth = new CallDepth();
  t.equal(await runTask(nested(depth, 800)), 800);
  t.ok(depth.isOutermost);
});

t.test('too deep is an error, after which all calls have been left', async (t) => {
  const depth = new CallDepth();
  await t.rejects(runTask(nested(depth, 2000)), { code: '54001' });
  t.ok(depth.isOutermost);
});

t.test('a task that is given up is closed', async (t) => {
  const depth = new CallDepth();
  const task = nested(depth, 100);
  let step = task.next();
  while (!step.done && step.value.isWork !== true) step = task.next();
  if (!step.done) step.value.subscribe(() => {});
  task.return(0);
  t.ok(depth.isOutermost);
});
