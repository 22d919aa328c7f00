import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import { CHROMIUM_ARGUMENTS, findChromium } from '../support/chromium.ts';

/** A page that is open, and what it did that nobody asked for. */
export interface OpenPage {
  page: Page;
  /** Errors of scripts, and whatever is on the console. */
  complaints: string[];
  /** Other than for the file itself. */
  requests: string[];
}

/** A real browser, and a folder of pages. */
export class ReportBrowser {
  readonly #browser: Browser;
  readonly #folder: string;
  #files = 0;

  private constructor(browser: Browser, folder: string) {
    this.#browser = browser;
    this.#folder = folder;
  }

  /** @throws ChromiumMissingError when there is no browser; the message says what to install */
  static async start(): Promise<ReportBrowser> {
    const executablePath = findChromium();
    const folder = await mkdtemp(join(tmpdir(), 'audit-policy-report-'));
    return new ReportBrowser(
      await chromium.launch({ executablePath, args: [...CHROMIUM_ARGUMENTS] }),
      folder,
    );
  }

  /** Opens a page as a user does who got it by mail: from a file. */
  async open(html: string, options: BrowserContextOptions = {}): Promise<OpenPage> {
    const file = join(this.#folder, `${String(++this.#files)}.html`);
    await writeFile(file, html);
    const url = pathToFileURL(file).href;
    const context = await this.#browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
    const page = await context.newPage();
    const opened: OpenPage = { page, complaints: [], requests: [] };
    page.on('console', (message) => opened.complaints.push(message.text()));
    page.on('pageerror', (error) => opened.complaints.push(error.message));
    context.on('request', (request) => {
      if (request.url() !== url) opened.requests.push(request.url());
    });
    await page.goto(url);
    return opened;
  }

  async stop(): Promise<void> {
    await this.#browser.close();
    await rm(this.#folder, { recursive: true, force: true });
  }
}
