/**
 * The checks of the codec on a page. Leaves `results`, a list of `{ name, error }`, on the window when it is through.
 *
 * Knows: what a page would import. Does not know: how it was bundled (browser-bundle.mjs).
 */
import { FrameDecoder, FrameEncoder, MessageDecoder, MessageEncoder, unmask } from 'framepipe';
import { codecChecks } from './codec-checks.mjs';

const results = [];
await codecChecks({ FrameDecoder, FrameEncoder, MessageDecoder, MessageEncoder, unmask }, async (name, work) => {
  const error = await work().then(
    () => null,
    (thrown) => String(thrown?.message ?? thrown),
  );
  results.push({ name, error });
});
window.results = results;
