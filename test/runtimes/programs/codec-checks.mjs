/**
 * What the codec has to do wherever it runs: no sockets, no files, nothing of Node but streams and Buffer.
 *
 * Knows: the wires that RFC 6455 §5.7 prints, and round trips in every cut. `check` is told each by name.
 * Does not know: the runtime; a page in a browser runs the same file from a bundle.
 */

const hex = (text) => Buffer.from(text.replace(/ /g, ''), 'hex');

/** RFC 6455 §5.7, and the tutorial's "MDN": who reads, the wire, what it says. */
const VECTORS = [
  ['client', '81 05 48 65 6c 6c 6f', ['Hello']],
  ['server', '81 85 37 fa 21 3d 7f 9f 4d 51 58', ['Hello']],
  ['client', '01 03 48 65 6c 80 02 6c 6f', ['Hello']],
  ['client', '89 05 48 65 6c 6c 6f 81 02 68 69', ['hi']],
  ['server', '81 83 3d 54 23 06 70 10 6d', ['MDN']],
];

/** Who reads, a wire that breaks the protocol, how it is named. */
const BREACHES = [
  ['server', '83 80 00 00 00 00', 'ERR_WS_RESERVED_OPCODE'],
  ['server', '81 01 61', 'ERR_WS_MASK_MISSING'],
  ['client', 'c1 01 61', 'ERR_WS_RESERVED_BIT'],
  ['client', '81 02 c3 28', 'ERR_WS_INVALID_UTF8'],
];

function equal(found, wanted, what) {
  const [one, other] = [JSON.stringify(found), JSON.stringify(wanted)];
  if (one !== other) throw new Error(`${what}: ${one} is not ${other}`);
}

/** Runs each check as `check(name, work)`, where `work` rejects when it fails. */
export async function codecChecks(framepipe, check) {
  const { FrameDecoder, FrameEncoder, MessageDecoder, MessageEncoder, unmask } = framepipe;

  /** The messages in a wire that comes in chunks of `size` bytes. */
  const messagesOf = async (role, wire, size) => {
    const decoder = new FrameDecoder({ role });
    for (let at = 0; at < wire.length; at += size) decoder.write(wire.subarray(at, at + size));
    decoder.end();
    const frames = [];
    for await (const frame of decoder) if (frame.opcode < 8) frames.push(frame);
    const messages = new MessageDecoder();
    for (const frame of frames) messages.write(frame);
    messages.end();
    const found = [];
    for await (const message of messages) found.push(typeof message === 'string' ? message : message.toString('hex'));
    return found;
  };
  const wireOf = async (role, messages) => {
    const encoder = new MessageEncoder();
    const encoded = encoder.pipe(new FrameEncoder({ role }));
    for (const message of messages) encoder.write(message);
    encoder.end();
    const chunks = [];
    for await (const chunk of encoded) chunks.push(chunk);
    return Buffer.concat(chunks);
  };

  for (const [role, wire, wanted] of VECTORS) {
    await check(`the wire ${wire}, in every size of chunk`, async () => {
      const bytes = hex(wire);
      for (let size = 1; size <= bytes.length; size++) equal(await messagesOf(role, bytes, size), wanted, `by ${size}`);
    });
  }
  for (const [role, wire, code] of BREACHES) {
    await check(`the wire ${wire} is ${code}`, async () => {
      const found = await messagesOf(role, hex(wire), 1).then(
        () => 'nothing',
        (error) => error.code,
      );
      equal(found, code, 'error');
    });
  }
  for (const [from, to] of [
    ['client', 'server'],
    ['server', 'client'],
  ]) {
    await check(`messages of 0 to 70,000 bytes from a ${from} to a ${to}`, async () => {
      const sizes = [0, 1, 125, 126, 127, 4_095, 65_535, 65_536, 70_000];
      const sent = sizes.flatMap((size) => ['é'.repeat(size), Buffer.alloc(size, size & 255)]);
      const labels = sent.map((one) => (typeof one === 'string' ? one : one.toString('hex')));
      for (const size of [1_000, 65_536])
        equal(await messagesOf(to, await wireOf(from, sent), size), labels, 'messages');
    });
  }
  await check('unmask, from any phase, by vectors where the runtime has them', async () => {
    for (const length of [0, 1, 7, 48, 4_096, 100_003]) {
      const bytes = Uint8Array.from({ length }, (_, at) => at * 7);
      const masked = Buffer.from(bytes);
      const phase = unmask(masked, 0x04030201, 3);
      equal(phase, (length + 3) & 3, 'phase');
      if (!bytes.every((byte, at) => masked[at] === (byte ^ [1, 2, 3, 4][(at + 3) & 3])))
        throw new Error('bytes differ');
    }
  });
}
