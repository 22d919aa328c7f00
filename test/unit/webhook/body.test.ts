import { PassThrough } from 'node:stream';
import { BodyBudget } from '../../../src/webhook/body.ts';

const incoming = () => Object.assign(new PassThrough(), { headers: {} });
const text = (body: Buffer) => Promise.resolve(body.toString());

test('A19: many callers together cannot fill the memory: who comes too late is sent away, and may come again', async () => {
  const budget = new BodyBudget(10);
  const first = incoming();
  const reading = budget.withBody(first, text);
  first.write('12345678');
  await new Promise((resolve) => setImmediate(resolve));
  const second = incoming();
  second.end('abc');
  expect(await budget.withBody(second, text)).toBe(503);
  first.end('9');
  expect(await reading).toBe('123456789');
  const third = incoming();
  third.end('abc');
  expect(await budget.withBody(third, text)).toBe('abc');
});

test('a caller that goes away gives back what it held', async () => {
  const budget = new BodyBudget(10);
  const first = incoming();
  const reading = budget.withBody(first, text);
  first.write('12345678');
  await new Promise((resolve) => setImmediate(resolve));
  first.destroy();
  await expect(reading).rejects.toThrow();
  const second = incoming();
  second.end('abcdefgh');
  expect(await budget.withBody(second, text)).toBe('abcdefgh');
});
