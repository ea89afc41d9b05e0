/** Quantiles are right to 1 %, against a sorted list. */
import fc from 'fast-check';
import { Latencies } from '../../../src/cli/latencies.js';

test('against the sorted list', () => {
  const some = fc.array(fc.double({ min: 0.002, max: 60_000, noNaN: true }), { minLength: 1, maxLength: 200 });
  fc.assert(
    fc.property(some, fc.constantFrom(0.5, 0.9, 0.99, 1), (values, q) => {
      const latencies = new Latencies();
      for (const value of values) latencies.add(value);
      const exact = [...values].sort((one, other) => one - other)[Math.ceil(q * values.length) - 1] ?? 0;
      const found = latencies.quantile(q);
      expect(found).toBeGreaterThanOrEqual(exact * 0.9999);
      expect(found).toBeLessThanOrEqual(exact * 1.0101);
    }),
  );
});

test('the largest and the mean are exact; without any all are 0', () => {
  const latencies = new Latencies();
  expect([latencies.max, latencies.mean, latencies.quantile(0.5)]).toEqual([0, 0, 0]);
  for (const ms of [1, 2, 6]) latencies.add(ms);
  expect([latencies.max, latencies.mean, latencies.count, latencies.quantile(1)]).toEqual([6, 3, 3, 6]);
});
