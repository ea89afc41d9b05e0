import { TapStage } from '../../../src/demo/tap-stage.js';
import { WireTap } from '../../../src/demo/wire-tap.js';
import { collectBytes } from '../../support/streams.js';

test('the bytes go through unchanged, and the tap sees the frames in them', async () => {
  const seen: string[] = [];
  const stage = new TapStage(new WireTap(({ payload }) => seen.push(payload)));
  const wire = Buffer.from('818537fa213d7f9f4d5158', 'hex');
  stage.end(wire);
  expect(await collectBytes(stage)).toEqual(wire);
  expect(seen).toEqual([Buffer.from('Hello').toString('hex')]);
});

test('without a tap it is a plain piece of pipe', async () => {
  const stage = new TapStage(null);
  stage.end('anything');
  expect((await collectBytes(stage)).toString()).toBe('anything');
});
