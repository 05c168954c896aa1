// The embedded store's mistakes, made to order, and its log of requests.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Sluice } from './sluice.mjs';
import { isThumbnail } from './store.mjs';

/** A server whose store makes no mistakes until it is told to. */
export async function startFaulty(options = {}) {
  const home = await mkdtemp(join(tmpdir(), 'sluice-faults-'));
  const plan = join(home, 'faults.toml');
  await writeFile(plan, 'seed = 7\n');
  const sluice = await Sluice.start({ ...options, args: ['--faults', plan, ...(options.args ?? [])] });
  return { sluice, faults: new Faults(sluice), remove: () => rm(home, { recursive: true, force: true }) };
}

/** The way to the store's faults. */
class Faults {
  #sluice;

  constructor(sluice) {
    this.#sluice = sluice;
  }

  /** From now on these rules hold, and no others. */
  async plan(...rules) {
    await this.#ask('rules', { method: 'PUT', body: JSON.stringify({ seed: 7, rules }) });
  }

  /**
   * The requests that have ended and were not preflights, oldest first; those of some operations only. Without those for
   * thumbnails, which come whenever they are made.
   */
  async log(...operations) {
    const { entries } = await (await this.#ask('log')).json();
    const asked = entries.filter((entry) => !entry.preflight && !isThumbnail(entry.key ?? ''));
    return asked.filter((entry) => operations.length === 0 || operations.includes(entry.operation));
  }

  /** How many questions browsers asked before other requests. */
  async preflights() {
    const { entries } = await (await this.#ask('log')).json();
    return entries.filter((entry) => entry.preflight).length;
  }

  async forget() {
    await this.#ask('log', { method: 'DELETE' });
  }

  async #ask(what, options) {
    const [, url] = /Faults for tests: (\S+)/.exec(this.#sluice.output.replace(/\u001b\[[0-9;]*m/g, ''));
    const answer = await fetch(`${url}/${what}`, { ...options, headers: { 'content-type': 'application/json' } });
    if (!answer.ok) throw new Error(`${what}: ${answer.status} ${await answer.text()}`);
    return answer;
  }
}
