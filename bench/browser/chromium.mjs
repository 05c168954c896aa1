// Chromium on a bare DevTools connection. A test framework turns on the network instrumentation, which costs a third
// of the speed that is to be measured; here only what is asked for is on.

import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import WebSocket from 'ws';

const PROGRAMS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const OPTIONS = [
  '--headless=new', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync',
  '--disable-background-networking', '--disable-component-update', '--disable-extensions',
  '--remote-debugging-port=0', '--window-size=1280,900',
];

/** A browser with one page. */
export class Chromium {
  #child;
  #profile;
  #socket;
  #serial = 0;
  #waiting = new Map();
  /** What the page wrote to its console as an error. */
  errors = [];

  static async start() {
    const browser = new Chromium();
    const program = process.env.CHROMIUM ?? PROGRAMS.find(existsSync);
    if (!program) throw new Error('Chromium is not here: apt-get install chromium, or set CHROMIUM');
    browser.#profile = await mkdtemp(join(tmpdir(), 'sluice-chromium-'));
    browser.#child = spawn(program, [...OPTIONS, `--user-data-dir=${browser.#profile}`, 'about:blank'], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const port = await new Promise((resolve, reject) => {
      let said = '';
      browser.#child.stderr.setEncoding('utf8').on('data', (text) => {
        said += text;
        const found = /DevTools listening on ws:\/\/[^:]+:(\d+)/.exec(said);
        if (found) resolve(found[1]);
      });
      browser.#child.once('exit', (code) => reject(new Error(`Chromium ended (${code}): ${said}`)));
    });
    const pages = await (await fetch(`http://127.0.0.1:${port}/json/list`)).json();
    const page = pages.find((it) => it.type === 'page');
    browser.#socket = new WebSocket(page.webSocketDebuggerUrl, { perMessageDeflate: false, maxPayload: 1 << 28 });
    await new Promise((resolve, reject) => browser.#socket.once('open', resolve).once('error', reject));
    browser.#socket.on('message', (text) => browser.#heard(JSON.parse(text)));
    await Promise.all(['Page.enable', 'Runtime.enable', 'DOM.enable', 'Performance.enable'].map((it) => browser.ask(it)));
    await browser.ask('Page.addScriptToEvaluateOnNewDocument', { source: LONG_TASKS });
    return browser;
  }

  /** Sends a command of the DevTools protocol. */
  ask(method, params = {}) {
    const id = (this.#serial += 1);
    this.#socket.send(JSON.stringify({ id, method, params }));
    return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
  }

  async open(url) {
    await this.ask('Page.navigate', { url });
    await this.until('document.readyState === "complete"');
  }

  /** The value of an expression in the page, awaited. */
  async value(expression) {
    const { result, exceptionDetails } = await this.ask('Runtime.evaluate', {
      expression, awaitPromise: true, returnByValue: true,
    });
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
  }

  /** Waits until an expression is true. */
  async until(expression, { patience = 60_000, every = 100 } = {}) {
    for (const end = Date.now() + patience; ; ) {
      if (await this.value(expression).catch(() => false)) return;
      if (Date.now() > end) throw new Error(`the page never got to: ${expression}\n${this.errors.join('\n')}`);
      await new Promise((resolve) => setTimeout(resolve, every));
    }
  }

  /** Picks files, as a person does with the system's dialog. */
  async pick(selector, files) {
    const { result } = await this.ask('Runtime.evaluate', { expression: `document.querySelector(${JSON.stringify(selector)})` });
    await this.ask('DOM.setFileInputFiles', { files, objectId: result.objectId });
  }

  /** Seconds of the main thread and bytes of its JavaScript heap until now, and the longest task in milliseconds. */
  async load() {
    const { metrics } = await this.ask('Performance.getMetrics');
    const metric = (name) => metrics.find((it) => it.name === name)?.value ?? 0;
    return {
      busy: metric('TaskDuration'),
      heap: metric('JSHeapUsedSize'),
      longest: await this.value('globalThis.longestTask ?? 0'),
    };
  }

  async stop() {
    const ended = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#socket.close();
    this.#child.kill('SIGTERM');
    const impatience = setTimeout(() => this.#child.kill('SIGKILL'), 5_000);
    await ended;
    clearTimeout(impatience);
    await rm(this.#profile, { recursive: true, force: true, maxRetries: 5 });
  }

  #heard({ id, result, error, method, params }) {
    if (method === 'Runtime.exceptionThrown') this.errors.push(params.exceptionDetails.exception?.description ?? params.exceptionDetails.text);
    if (method === 'Runtime.consoleAPICalled' && params.type === 'error') {
      this.errors.push(params.args.map((it) => it.value ?? it.description).join(' '));
    }
    const waiting = this.#waiting.get(id);
    if (!waiting) return;
    this.#waiting.delete(id);
    if (error) waiting.reject(new Error(error.message));
    else waiting.resolve(result);
  }
}

const LONG_TASKS = `
  globalThis.longestTask = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) globalThis.longestTask = Math.max(globalThis.longestTask, entry.duration);
  }).observe({ type: 'longtask', buffered: true });
`;
