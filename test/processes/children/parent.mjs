/**
 * The test that started this process, as the process sees it.
 *
 * Knows: how to report to it, how to wait for its word. Waiting keeps the process alive, and nothing else here does.
 * Does not know: what the words mean.
 */
const mail = [];
const waiting = [];

process.on('message', (message) => {
  const at = waiting.findIndex(({ word }) => word === message.name);
  if (at < 0) mail.push(message);
  else waiting.splice(at, 1)[0].resolve(message.value);
  if (waiting.length === 0) process.channel?.unref();
});
process.channel?.unref();
// A test that is gone leaves nobody behind.
process.on('disconnect', () => process.exit(1));

/** Reports `value` to the test under a name. */
export function report(name, value = null) {
  process.send({ name, value });
}

/** Resolves with the value when the test says this word. */
export function told(word) {
  const at = mail.findIndex(({ name }) => name === word);
  if (at >= 0) return Promise.resolve(mail.splice(at, 1)[0].value);
  process.channel?.ref();
  return new Promise((resolve) => waiting.push({ word, resolve }));
}

/** Does what the test says, as often as it says it, until it says 'leave'. An action that fails ends the process. */
export async function obey(actions) {
  for (const [word, act] of Object.entries(actions)) repeat(word, act);
  await told('leave');
  waiting.length = 0;
  process.channel?.unref();
}

async function repeat(word, act) {
  for (;;) {
    const value = await told(word);
    Promise.resolve(act(value)).catch((error) => {
      console.error(error);
      process.exit(1);
    });
  }
}
