import { setTimeout as sleep } from 'node:timers/promises';
import { compression, inflated, NO_TAKEOVER, TAKEOVER } from '../../../support/deflate.js';

const PLAIN = Buffer.from('framepipe framepipe framepipe');
const at = (windowBits: number) => ({ windowBits, takeover: true });

test('no memory before the first message', () => {
  const shared = compression();
  shared.deflater({ deflate: TAKEOVER });
  shared.inflater({ inflate: TAKEOVER });
  expect(shared.contexts).toEqual({ deflating: 0, inflating: 0 });
});

test('connections with the same window share a pool, others do not', () => {
  const shared = compression({ maxContexts: 1 });
  for (const windowBits of [9, 9, 9, 15, 15]) shared.deflater({ deflate: at(windowBits) }).compress(PLAIN);
  expect(shared.contexts.deflating).toBe(2);
});

test('after idleReleaseMs nothing is left, and the conversation goes on', async () => {
  const shared = compression({ idleReleaseMs: 20 });
  const deflater = shared.deflater({ deflate: TAKEOVER });
  const inflater = shared.inflater({ inflate: TAKEOVER });
  for (let i = 0; i < 3; i++) {
    expect(inflated(inflater, deflater.compress(PLAIN) as Buffer).equals(PLAIN)).toBe(true);
    await sleep(100);
    expect(shared.contexts).toEqual({ deflating: 0, inflating: 0 });
    expect(inflater.heldBytes).toBe(PLAIN.length * (i + 1));
  }
});

test('ten thousand connections cost what maxContexts says', () => {
  const shared = compression({ maxContexts: 8 });
  for (let i = 0; i < 10_000; i++) {
    const deflater = shared.deflater({ deflate: TAKEOVER });
    inflated(shared.inflater({ inflate: TAKEOVER }), deflater.compress(PLAIN) as Buffer);
  }
  expect(shared.contexts).toEqual({ deflating: 8, inflating: 8 });
  expect(inflated(shared.inflater({ inflate: NO_TAKEOVER }), Buffer.from([0]))).toHaveLength(0);
});
