/**
 * A small network on this machine: a switch and some hosts, each in a network namespace of its own.
 *
 * Knows: ip(8) from iproute2, which needs root; how to cut a link and to mend it.
 * Does not know: what runs there.
 */
import { execFileSync } from 'node:child_process';

/** Addresses are 10.77.0.1 and up, in the order of `hosts`. Everything is gone after `end`. */
export class Network {
  readonly #tag: string;
  readonly #hosts: readonly string[];

  /** `number` tells it from the others of this process, which have the same addresses and know nothing of each other. */
  constructor(number: number, ...hosts: readonly string[]) {
    this.#tag = `fp${process.pid}-${number}`;
    this.#hosts = hosts;
  }

  /** Why there can be no such network here, or null. */
  static get impossible(): string | null {
    try {
      execFileSync('ip', ['netns', 'add', `fp${process.pid}-try`], { stdio: 'pipe' });
      execFileSync('ip', ['netns', 'del', `fp${process.pid}-try`], { stdio: 'pipe' });
      return null;
    } catch (error) {
      return (error as Error).message.split('\n').slice(0, 2).join(' ');
    }
  }

  begin(): void {
    const hub = this.#name('hub');
    ip('netns', 'add', hub);
    ip('-n', hub, 'link', 'add', 'switch', 'type', 'bridge');
    ip('-n', hub, 'link', 'set', 'switch', 'up');
    for (const host of this.#hosts) this.#attach(host, hub);
  }

  address(host: string): string {
    return `10.77.0.${this.#hosts.indexOf(host) + 1}`;
  }

  /** What a command begins with to run there. */
  on(host: string): readonly string[] {
    return ['ip', 'netns', 'exec', this.#name(host)];
  }

  /** Cuts the host off: nothing passes, and nobody is told. */
  cut(host: string): void {
    ip('-n', this.#name('hub'), 'link', 'set', `to-${host}`, 'down');
  }

  mend(host: string): void {
    ip('-n', this.#name('hub'), 'link', 'set', `to-${host}`, 'up');
  }

  end(): void {
    for (const host of [...this.#hosts, 'hub']) {
      try {
        ip('netns', 'del', this.#name(host));
      } catch {
        // It was never made.
      }
    }
  }

  #attach(host: string, hub: string): void {
    const name = this.#name(host);
    ip('netns', 'add', name);
    ip('link', 'add', `to-${host}`, 'netns', hub, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name);
    ip('-n', hub, 'link', 'set', `to-${host}`, 'master', 'switch', 'up');
    ip('-n', name, 'addr', 'add', `${this.address(host)}/24`, 'dev', 'eth0');
    ip('-n', name, 'link', 'set', 'eth0', 'up');
    ip('-n', name, 'link', 'set', 'lo', 'up');
  }

  #name(host: string): string {
    return `${this.#tag}-${host}`;
  }
}

function ip(...args: readonly string[]): void {
  execFileSync('ip', args, { stdio: 'pipe' });
}
