import { setTimeout as pause } from 'node:timers/promises';
import { Api } from './api';
import { Browser, type Form, type Page } from './browser';
import type { Act, Done } from './expectation';
import type { Inbox } from './inbox';
import { plain } from './reading';
import type { System } from './system';

/** So many people do something at the same moment. */
const AT_ONCE = 8;

/** What everybody needs who plays a dialogue through HTTP and SMTP. */
export abstract class Player {
  /** What everybody did, for the model that works out what they should have received. */
  readonly acts: Done[] = [];
  /** What pages and lists said wrong. */
  readonly differences: string[] = [];
  private readonly browsers = new Map<number, Browser>();

  constructor(
    protected readonly system: System,
    protected readonly inbox: Inbox,
  ) {}

  /** Waits while anything falls due, so that it is plain who was concerned by it. */
  protected abstract quiet(): Promise<void>;

  /** Waits until the mail gateways have opened what came so far. */
  abstract scansDone(): Promise<void>;

  /** Does something when nothing is about to fall due, and writes down what and when. */
  protected async do<Result>(act: Act, work: () => Promise<Result>): Promise<Result> {
    await this.quiet();
    const asked = Date.now();
    const result = await work();
    this.acts.push({ ...act, asked, answered: Date.now() });
    return result;
  }

  /** An organiser signs in by a link in a mail, and makes a token. A gateway has opened the link before they do. */
  protected async signInByMail(
    number: number,
    { name, email }: { name: string; email: string },
  ): Promise<Api> {
    const browser = new Browser(this.system.origin);
    const page = await browser.open('/sign-in');
    await this.do({ what: 'signed in', who: number }, () =>
      browser.submit(this.formOf(page, '/sign-in'), { email }),
    );
    const mail = await this.inbox.waitFor(number, 'sign-in');
    await this.scansDone();
    const link = await browser.open(this.linkIn(mail.links, '/sign-in/'));
    const home = await browser.submit(this.formOf(link, '/sign-in'));
    const made = await browser.submit(this.formOf(home, '/tokens'), { name: 'Rehearsal', scope: 'write' });
    const token = /plenary_[0-9a-f-]{36}\.[\w-]{43}/.exec(made.text)?.[0];
    if (!token) {
      throw new Error(
        `The page of tokens of ${name} shows no token: ${made.status} ${made.text.slice(0, 300)}`,
      );
    }
    return new Api(this.system.origin, token);
  }

  protected browserOf(number: number): Browser {
    let browser = this.browsers.get(number);
    if (!browser) this.browsers.set(number, (browser = new Browser(this.system.origin)));
    return browser;
  }

  protected formOf(page: Page, action: string): Form {
    const form = page.forms.find(
      (one) => new URL(one.action).pathname.includes(action) && one.method === 'post',
    );
    if (!form) {
      throw new Error(
        `${page.url} (${page.status}) has no form for ${action}, only ${page.forms.map((one) => one.action).join(', ') || 'none'}: ${page.text.slice(0, 200)}`,
      );
    }
    return form;
  }

  protected linkIn(links: readonly string[], path: string): string {
    const link = links.find((one) => one.startsWith(`${this.system.origin}${path}`));
    if (!link) throw new Error(`A mail has no link ${path}…, only ${links.join(' ')}`);
    return link;
  }

  /** A page shows a name as text, or as the value of a field. */
  protected shows(page: Page, name: string): boolean {
    return (
      plain(page.text).includes(name) ||
      page.forms.some(({ fields }) => fields.some(({ value }) => value === name))
    );
  }

  protected async together<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
    const queue = [...items];
    const worker = async (): Promise<void> => {
      for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
  }

  protected check(good: boolean, fault: string): void {
    if (!good) this.difference(fault);
  }

  protected difference(fault: string): void {
    this.differences.push(`page or list: ${fault}`);
  }

  protected async sleepUntil(instant: number): Promise<void> {
    while (Date.now() < instant) await pause(Math.min(instant - Date.now(), 500));
  }
}
