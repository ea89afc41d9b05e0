/** The test that started this process: told by IPC, and followed to the end. */
process.on('disconnect', () => process.exit(1));

/** Reports `value` to the test under a name. */
export function report(name, value = null) {
  process.send?.({ name, value });
}
