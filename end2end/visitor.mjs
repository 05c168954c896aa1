// A person at the pages: what people see and press, and what they have in the end.

import { once } from 'node:events';

import { openPage } from './browser.mjs';
import { ADMIN } from './sluice.mjs';
import { isThumbnail } from './store.mjs';

const BATCH_PATIENCE = 180_000;

/** Somebody with a browser window of their own. */
export class Visitor {
  /**
   * Opens a window on that server; nobody is signed in. `look` is what `openPage` takes. Most tests send the same files
   * again and again, so the visitor keeps both of what is there already; one who `decides` is asked.
   */
  static async come(browser, sluice, look) {
    const visitor = new Visitor();
    Object.assign(visitor, await openPage(browser, look), { sluice });
    visitor.batches = [];
    visitor.#look();
    if (!look?.decides) await visitor.#keepBoth();
    return visitor;
  }

  /** Pays the very first visit, as the admin; answers the session, for other windows. */
  static async firstSession(browser, sluice) {
    const first = await Visitor.come(browser, sluice);
    await first.accept();
    const session = await first.session();
    await first.leave();
    return session;
  }

  /** Whatever opens a batch is worth a look: it carries the permission that the page got. */
  #look() {
    this.page.on('response', async (response) => {
      if (new URL(response.url()).pathname !== '/api/rpc/open_batch' || !response.ok()) return;
      this.batches.push(await response.json());
    });
  }

  #keepBoth() {
    return this.context.addInitScript(() => {
      setInterval(() => document.querySelector('[data-testid=send-duplicates]')?.click(), 50);
    });
  }

  /** Makes the page ask for that kind of grant; it leaves the choice to the server, so its call is changed. */
  async asksFor(grant) {
    await this.context.addInitScript((grant) => {
      const send = window.fetch;
      window.fetch = async (input, init) => {
        const request = new Request(input, init);
        if (!request.url.endsWith('/api/rpc/open_batch')) return send(request);
        const call = await request.clone().json();
        call.request.grant = grant;
        return send(new Request(request, { body: JSON.stringify(call) }));
      };
    }, grant);
  }

  async go(path = '/') {
    await this.page.goto(`${this.sluice.url}${path}`);
  }

  /** The very first visit: follows the printed link and chooses name and password. */
  async accept({ name, password } = ADMIN) {
    const link = this.sluice.welcomeUrl;
    await this.page.goto(`${this.sluice.url}${link.pathname}${link.search}`);
    await this.page.getByLabel('Name', { exact: true }).fill(name);
    await this.page.getByLabel('Password').fill(password);
    await this.page.getByRole('button', { name: 'Start' }).click();
    await this.zone.waitFor();
  }

  async signIn({ name, password } = ADMIN) {
    await this.go('/sign-in');
    await this.enter({ name, password });
    await this.zone.waitFor();
  }

  /** Fills the form that is on the page, and sends it. */
  async enter({ name, password }) {
    await this.page.getByLabel('Name', { exact: true }).fill(name);
    await this.page.getByLabel('Password').fill(password);
    await this.page.getByRole('button', { name: 'Sign in' }).click();
  }

  /** The cookies of whoever is signed in here, for another window of the same person. */
  session() {
    return this.context.storageState();
  }

  get zone() {
    return this.page.getByRole('heading', { name: 'Drop photos or folders here' });
  }

  get totals() {
    return this.page.getByTestId('totals');
  }

  get rows() {
    return this.page.locator('[data-testid=row]:not([hidden])');
  }

  /** Chooses a folder of the disk, as the button does. */
  async chooseFolder(root) {
    await this.page.locator('[data-testid=folder-input]:enabled').first().setInputFiles(root);
  }

  /** Chooses files of the disk. */
  async chooseFiles(paths) {
    await this.page.locator('[data-testid=file-input]:enabled').first().setInputFiles(paths);
  }

  /** Drops files and folders of the disk in the middle of the window, as a hand with a mouse does. */
  async drop(paths) {
    const devtools = await this.context.newCDPSession(this.page);
    const { width, height } = this.page.viewportSize();
    for (const type of ['dragEnter', 'dragOver', 'drop']) {
      const data = { items: [], files: paths, dragOperationsMask: 1 };
      await devtools.send('Input.dispatchDragEvent', { type, x: width / 2, y: height / 2, data });
    }
    await devtools.detach();
  }

  /** Waits for a phase of the batch: `sending`, `done`, `signed-out`, ... */
  async phase(name) {
    await this.page.locator(`[data-testid=totals][data-phase="${name}"]`).waitFor({ timeout: BATCH_PATIENCE });
  }

  /** The heading of the summary. */
  async verdict() {
    await this.phase('done');
    return (await this.page.getByTestId('summary').getByRole('heading').first().innerText()).trim();
  }

  /** The batch that was opened last, with its grant. */
  get batch() {
    const last = this.batches.at(-1);
    if (!last) throw new Error('no batch was opened');
    return last;
  }

  /** Another tab of the same window; from here on it is the one that is looked at. */
  async openTab() {
    this.page = await this.context.newPage();
    this.page.setDefaultTimeout(20_000);
    this.#look();
  }

  /** Kills a tab for real: its process is gone, and nobody is asked. */
  async killTab(page = this.page) {
    const gone = once(page, 'crash');
    page.goto('chrome://crash').catch(() => {});
    await gone;
    await page.close();
  }

  /** Opens the page again, after its tab is gone. */
  async comeBack(path = '/') {
    await this.openTab();
    await this.go(path);
  }

  /** Answers the question that comes when the page is closed: whether there was one. */
  async triesToLeave() {
    const asked = once(this.page, 'dialog').then(async ([dialog]) => {
      const kind = dialog.type();
      await dialog.dismiss();
      return kind;
    });
    const closed = once(this.page, 'close').then(() => 'closed');
    await this.page.close({ runBeforeUnload: true });
    return Promise.race([asked, closed]);
  }

  async leave() {
    await this.context.close();
  }
}

/** Lets a test decide about every file on its way to the store, by PUT or by form; browsers wait meanwhile. */
export class Turnstile {
  #waiting = [];
  #open = false;

  /** From now on each file asks `decide(key)`: 'pass', 'hold', 'break', or an answer `{ status, body }`. */
  static async before(page, decide = () => 'hold') {
    const turnstile = new Turnstile();
    turnstile.decide = decide;
    turnstile.seen = 0;
    await page.route((url) => !url.pathname.startsWith('/api/'), async (route) => {
      const request = route.request();
      const key = ['POST', 'PUT'].includes(request.method()) ? keyOf(request) : undefined;
      if (key === undefined || isThumbnail(key)) return route.continue();
      turnstile.seen += 1;
      const verdict = turnstile.#open ? 'pass' : turnstile.decide(key, turnstile.seen);
      if (verdict === 'hold') await new Promise((resolve) => turnstile.#waiting.push(resolve));
      if (verdict === 'break') return route.abort('connectionreset');
      if (typeof verdict === 'object') {
        return route.fulfill({ headers: { 'access-control-allow-origin': '*' }, contentType: 'application/xml', ...verdict });
      }
      // The page may have taken the file out while it waited here.
      return route.continue().catch(() => {});
    });
    return turnstile;
  }

  /** Lets everything through, now and later. */
  release() {
    this.#open = true;
    for (const go of this.#waiting.splice(0)) go();
  }
}

/** The key of an object that a request sends: a form's is among its fields. */
function keyOf(request) {
  if (request.method() === 'PUT') return decodeURIComponent(new URL(request.url()).pathname);
  const form = request.postDataBuffer()?.toString('utf8') ?? '';
  return /name="key"\r\n\r\n([^\r]*)/.exec(form)?.[1] ?? '';
}
