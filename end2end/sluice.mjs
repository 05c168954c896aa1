// The real server, as people start it: its own data, its own ports, stopped by its process id.

import { execFile, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { startMeter } from './meter.mjs';
import { Bucket } from './store.mjs';

const TARGET = fileURLToPath(new URL('../target/', import.meta.url));
const PATIENCE = 60_000;

/** Who the first admin becomes in the tests. */
export const ADMIN = { name: 'ansel', password: 'clearing winter storm 1944' };

/** A running server. People reach it at `url`, by way of a meter that counts what it receives. */
export class Sluice {
  #args;
  #child;
  #home;
  #output = [];

  /** Starts with an empty data folder; `environment` adds to what is set here, `args` to the command. */
  static async start({ environment = {}, args = [] } = {}) {
    const sluice = new Sluice();
    sluice.#home = await mkdtemp(join(tmpdir(), 'sluice-data-'));
    const [port, storePort] = await freePorts(2);
    sluice.meter = await startMeter(() => port);
    sluice.url = `http://127.0.0.1:${sluice.meter.port}`;
    sluice.environment = {
      ...withoutOurs(process.env),
      SLUICE_LISTEN: `127.0.0.1:${port}`,
      SLUICE_PUBLIC_URL: sluice.url,
      SLUICE_STORE_LISTEN: `127.0.0.1:${storePort}`,
      SLUICE_DATA_DIR: join(sluice.#home, 'data'),
      SLUICE_SITE_ROOT: process.env.SLUICE_SITE_ROOT ?? join(TARGET, 'site'),
      ...(await database()),
      ...environment,
    };
    sluice.#args = ['serve', ...args];
    try {
      await sluice.#begin();
      const [link] = await sluice.#printed(/https?:\/\/\S+?\/welcome\?token=\S+/);
      sluice.welcomeUrl = new URL(link);
    } catch (error) {
      await sluice.stop();
      throw error;
    }
    return sluice;
  }

  /** Kills it in the middle of whatever it does, and starts it again with the same data and ports. */
  async killAndStart() {
    await this.whileDown(() => {}, 'SIGKILL');
  }

  /** Ends it, does something with its data, and starts it again with the same data and ports. */
  async whileDown(work, signal = 'SIGTERM') {
    const ended = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.kill(signal);
    await ended;
    await work();
    this.#output = [];
    await this.#begin();
  }

  async #begin() {
    this.#child = spawn(binary(), this.#args, { env: this.environment, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child.once('error', (error) => this.#output.push(String(error)));
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => this.#output.push(text));
    }
    await this.#printed(/^Sluice is ready: /m);
  }

  /** Where its program is. */
  get binary() {
    return binary();
  }

  /** All that it printed until now. */
  get output() {
    return this.#output.join('');
  }

  /** Runs a command of the same binary with the same data, and answers what it prints. */
  async command(...args) {
    const child = spawn(binary(), args, { env: this.environment, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text));
    const code = await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve));
    if (code !== 0) throw new Error(`sluice ${args.join(' ')}: ${code}\n${output}`);
    return output;
  }

  /** The embedded store's bucket with the owner's own keys, at the address that a batch was given. */
  async bucket({ region, bases: [base] }) {
    const keys = JSON.parse(await readFile(await find(this.environment.SLUICE_DATA_DIR, 'identity.json'), 'utf8'));
    return new Bucket({ base, region, accessKeyId: keys.access_key_id, secretAccessKey: keys.secret_access_key });
  }

  /** Asks it to end, as an operator does, and takes its data away. */
  async stop() {
    const ended = new Promise((resolve) => {
      const { pid, exitCode, signalCode } = this.#child;
      if (pid === undefined || exitCode !== null || signalCode !== null) resolve();
      else this.#child.once('exit', resolve);
    });
    this.#child.kill('SIGTERM');
    const impatience = setTimeout(() => this.#child.kill('SIGKILL'), 15_000);
    await ended;
    clearTimeout(impatience);
    await this.meter.stop();
    await rm(this.#home, { recursive: true, force: true });
  }

  /** Waits until it has printed something. */
  async #printed(pattern) {
    const until = Date.now() + PATIENCE;
    for (;;) {
      const found = pattern.exec(this.output.replace(/\u001b\[[0-9;]*m/g, ''));
      if (found) return found;
      if (this.#child.exitCode !== null) throw new Error(`sluice ended (${this.#child.exitCode}):\n${this.output}`);
      if (Date.now() > until) throw new Error(`sluice did not print ${pattern}:\n${this.output}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

/**
 * Which database it keeps its ledger in: with `SLUICE_TEST_POSTGRES_URL` a schema of that PostgreSQL server, which goes
 * when the server does; otherwise a file of its own.
 */
async function database() {
  const server = process.env.SLUICE_TEST_POSTGRES_URL;
  if (!server) return {};
  const schema = `t_${randomUUID().replaceAll('-', '')}`;
  await promisify(execFile)('psql', [server, '--quiet', '--command', `CREATE SCHEMA ${schema}`]);
  const separator = server.includes('?') ? '&' : '?';
  return { SLUICE_DATABASE_URL: `${server}${separator}options=-csearch_path%3D${schema}` };
}

/** What the server's binary is: named by the environment, or the newest that cargo built. */
function binary() {
  const built = ['release', 'debug'].map((profile) => join(TARGET, profile, 'sluice')).find(existsSync);
  return process.env.SLUICE_BIN ?? built ?? 'sluice';
}

/** A file of that name, however deep. Old versions of Node.js do not walk folders by themselves. */
async function find(folder, name) {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.name === name) return path;
    const below = entry.isDirectory() && (await find(path, name));
    if (below) return below;
  }
  return undefined;
}

function withoutOurs(environment) {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !/^(SLUICE|AWS)_/.test(name)));
}

/** Ports that nobody has at this moment. */
export async function freePorts(count) {
  const servers = await Promise.all(Array.from({ length: count }, () => new Promise((resolve, reject) => {
    const server = createServer().once('error', reject).listen(0, '127.0.0.1', () => resolve(server));
  })));
  const ports = servers.map((server) => server.address().port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
