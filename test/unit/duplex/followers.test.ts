import { type Follower, Followers } from '../../../src/duplex/followers.js';

function named(log: string[], name: string): Follower {
  return { room: () => log.push(`${name} room`), gone: () => log.push(`${name} gone`) };
}

test('all are told of room, and who was the first is the last the next time', () => {
  const log: string[] = [];
  const followers = new Followers();
  for (const name of 'abc') followers.add(named(log, name));
  followers.tell();
  followers.tell();
  expect(log.map((line) => line[0]).join('')).toBe('abcbca');
});

test('the end is told once, and nothing after it', () => {
  const log: string[] = [];
  const followers = new Followers();
  followers.add(named(log, 'a'));
  followers.end();
  followers.end();
  followers.tell();
  expect(log).toEqual(['a gone']);
  expect(followers.size).toBe(0);
});

test('who leaves while being told is told no more', () => {
  const log: string[] = [];
  const followers = new Followers();
  const leaver: Follower = {
    room: () => {
      log.push('leaver');
      followers.delete(leaver);
    },
    gone: () => {},
  };
  followers.add(leaver);
  followers.add(named(log, 'b'));
  followers.tell();
  followers.tell();
  expect(log).toEqual(['leaver', 'b room', 'b room']);
});
