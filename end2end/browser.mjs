// A real browser, and pages whose errors nobody overlooks.

import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import { AxeBuilder } from '@axe-core/playwright';
import { chromium } from 'playwright-core';

const RESULTS = fileURLToPath(new URL('./results/', import.meta.url));

/** What people have in their hands and on their desks. */
export const DESKTOP = { width: 1280, height: 800 };
export const PHONE = { width: 390, height: 844 };

/** Starts Debian's Chromium, or the one that SLUICE_CHROMIUM names. */
export function openBrowser() {
  return chromium.launch({
    executablePath: process.env.SLUICE_CHROMIUM ?? '/usr/bin/chromium',
    headless: true,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--disable-dev-shm-usage',
    ],
  });
}

/**
 * Opens a page in a context of its own: no cookies, nothing stored, or only what `session` brings along.
 *
 * `errors` fills with what the console and the page complain of; `expected` are patterns of complaints that the test
 * itself causes.
 */
export async function openPage(browser, { colorScheme = 'light', viewport = DESKTOP, expected = [], session } = {}) {
  const phone = viewport === PHONE;
  const context = await browser.newContext({
    colorScheme,
    viewport,
    isMobile: phone,
    hasTouch: phone,
    deviceScaleFactor: phone ? 2 : 1,
    reducedMotion: 'reduce',
    locale: 'en-GB',
    storageState: session,
  });
  const errors = [];
  const note = (text) => expected.some((pattern) => pattern.test(text)) || errors.push(text);
  context.on('page', (page) => {
    page.setDefaultTimeout(20_000);
    page.on('pageerror', (error) => note(`uncaught: ${error.stack ?? error}`));
    page.on('console', (message) => {
      if (message.type() === 'error') note(`console: ${message.text()} ${message.location().url}`);
    });
    page.on('crash', () => note('the page crashed'));
  });
  const page = await context.newPage();
  return { page, context, errors };
}

/** Keeps what a page looks like; its name says of what. */
export async function picture(page, name) {
  await mkdir(RESULTS, { recursive: true });
  await page.screenshot({ path: `${RESULTS}${name}.png`, animations: 'disabled' });
}

/** What axe finds wrong with a page for people who do not see it, or do not use a mouse: none is right. */
export async function accessibilityProblems(page) {
  const { violations } = await new AxeBuilder({ page })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'])
    .analyze();
  return violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map((node) => node.html).join(' | ')}`);
}
