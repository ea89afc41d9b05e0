import fc from 'fast-check';
import { contentOf, ENDS, endpointCommands } from '../../../../src/arbitraries/stream/endpoint-commands.js';
import { LossyLink } from '../../../../src/arbitraries/stream/lossy-link.js';

const PLAN = { pieceBytes: [1], delayTurns: [1], breaksAfter: { client: null, server: null } };

/** Two endpoints that do nothing but remember, and what was done to them. */
function recording() {
  const done: string[] = [];
  const record = (end: string, name: string) => (value?: unknown) => {
    done.push(`${end} ${name}${typeof value === 'number' ? ` ${value}` : ''}`);
    return Promise.reject(new Error('ping'));
  };
  const closed = Promise.resolve({ code: 1000 });
  const endpoint = (end: string) => ({
    write: (message: unknown) =>
      done.push(
        `${end} write ${typeof message === 'object' && message !== null && !Buffer.isBuffer(message) ? 'pieces' : 'whole'}`,
      ),
    end: () => done.push(`${end} end`),
    close: (code: number) => done.push(`${end} close ${code}`),
    ping: record(end, 'ping'),
    pause: () => done.push(`${end} pause`),
    resume: () => done.push(`${end} resume`),
    on: () => undefined,
    closed,
  });
  return { done, endpoints: { client: endpoint('client'), server: endpoint('server') } };
}

test('every command is done to the endpoint that it names, none of those after its end that only an open one takes', async () => {
  const kinds = new Set<string>();
  const law = fc.asyncProperty(endpointCommands({ maxCommands: 40 }), async (commands) => {
    const { done, endpoints } = recording();
    const link = new LossyLink(PLAN);
    const model = { client: { sent: [], isOver: false }, server: { sent: [], isOver: false } };
    await fc.asyncModelRun(
      () => ({ model, real: { endpoints, link, received: { client: [], server: [] } } }),
      commands,
    );
    for (const one of done) kinds.add(one.replace(/^\w+ /, '').replace(/\d+/, 'N'));
    for (const end of ENDS) {
      const mine = done.filter((one) => one.startsWith(end));
      const over = mine.findIndex((one) => / (end|close)/.test(one));
      expect(over === -1 ? [] : mine.slice(over + 1).filter((one) => / (write|end|close)/.test(one))).toEqual([]);
      expect(model[end].sent.length).toBe(mine.filter((one) => one.includes('write')).length);
      expect(model[end].isOver).toBe(over !== -1);
    }
  });
  await fc.assert(law, { numRuns: 200 });
  expect([...kinds].sort()).toEqual(['close N', 'end', 'pause', 'ping', 'resume', 'write pieces', 'write whole']);
});

test('a run prints what was done', () => {
  const printed = fc
    .sample(endpointCommands({ maxCommands: 60 }), 500)
    .flatMap((run) => [...run].map(String))
    .join('\n');
  expect(printed).toMatch(/client writes text of \d+ bytes in pieces/);
  expect(printed).toMatch(/server closes with (1000|1001|3000|4999)/);
  expect(printed).toContain('the link breaks');
  expect(printed).toContain('the link: stall what the server sends');
  expect(printed).toContain('client: pause');
});

test('the content of a message is what its reader gets', () => {
  expect(contentOf({ type: 'text', text: 'é', payload: Buffer.from('é') })).toBe('é');
  expect(contentOf({ type: 'binary', payload: Buffer.from('é') })).toEqual(Buffer.from('é'));
});
