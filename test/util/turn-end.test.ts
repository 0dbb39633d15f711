import t from 'tap';
import { nextTurn } from '../../src/util/task.js';
import { afterInput, atTurnEnd } from '../../src/util/turn-end.js';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Longer than a slice, by the clock that slices are measured with. */
function workForASlice(): void {
  const end = performance.now() + 3;
  while (performance.now() < end);
}

t.test('answers leave before work goes on, whatever was asked for first', async (t) => {
  const order: string[] = [];
  afterInput(() => order.push('work'));
  atTurnEnd(() => order.push('answer'));
  await turn();
  t.strictSame(order, ['answer', 'work']);
});

t.test('work that asks for more waits for the next turn, and answers of that turn go first', async (t) => {
  const order: string[] = [];
  afterInput(() => {
    order.push('first slice');
    afterInput(() => order.push('second slice'));
    atTurnEnd(() => order.push('answer'));
  });
  await turn();
  t.strictSame(order, ['first slice']);
  await turn();
  t.strictSame(order, ['first slice', 'answer', 'second slice']);
});

t.test('a turn has one slice, and the others keep their order', async (t) => {
  const order: string[] = [];
  for (const name of ['a', 'b', 'c']) {
    afterInput(() => {
      order.push(name);
      workForASlice();
    });
  }
  await turn();
  t.strictSame(order, ['a']);
  afterInput(() => order.push('d'));
  await turn();
  t.strictSame(order, ['a', 'b']);
  await turn();
  await turn();
  t.strictSame(order, ['a', 'b', 'c', 'd']);
});

t.test('short work of many fits into one turn', async (t) => {
  let done = 0;
  for (let i = 0; i < 3; i++) afterInput(() => done++);
  await turn();
  t.equal(done, 3);
});

t.test('what a promise resumes has a turn of its own', async (t) => {
  const order: string[] = [];
  const run = async (name: string): Promise<void> => {
    await nextTurn();
    order.push(name);
  };
  const runs = [run('a'), run('b')];
  await turn();
  t.strictSame(order, ['a']);
  await Promise.all(runs);
  t.strictSame(order, ['a', 'b']);
});

t.test('a long queue is worked off in order', async (t) => {
  const order: number[] = [];
  for (let i = 0; i < 5000; i++) afterInput(() => order.push(i), i % 7 === 0);
  while (order.length < 5000) await turn();
  t.strictSame(
    order,
    Array.from({ length: 5000 }, (_, i) => i),
  );
});
