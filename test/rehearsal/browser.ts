/** A field of a form as it stands in the page. */
export interface Field {
  name: string;
  /** `type` of an input, or `select`, `textarea`. */
  type: string;
  value: string;
  checked: boolean;
  /** Values of a select. */
  options: string[];
}

export interface Form {
  /** Absolute address it posts to. */
  action: string;
  method: string;
  fields: Field[];
}

export interface Page {
  url: string;
  status: number;
  html: string;
  /** What a reader sees, without tags. */
  text: string;
  forms: Form[];
}

interface Cookie {
  name: string;
  value: string;
  path: string;
}

/** What a person fills in: a text, or whether a box is ticked. */
export type Answers = Record<string, string | boolean>;

/** A browser without JavaScript: follows redirects, keeps cookies by path, sends a form as it stands in the page. */
export class Browser {
  private cookies: Cookie[] = [];

  constructor(private readonly origin: string) {}

  open(url: string): Promise<Page> {
    return this.request(new URL(url, this.origin), { method: 'GET' });
  }

  /**
   * Sends a form with these fields filled in, the others as they are.
   * @throws Error when the form has no such field, or a select no such choice: nobody could have filled it in.
   */
  submit(form: Form, answers: Answers = {}): Promise<Page> {
    const body = new URLSearchParams();
    for (const name of Object.keys(answers)) {
      if (!form.fields.some((field) => field.name === name)) {
        const names = form.fields.map((field) => field.name).join(', ');
        throw new Error(`The form ${form.action} has no field ${name}, only: ${names}.`);
      }
    }
    for (const field of form.fields) {
      const answer = answers[field.name];
      if (field.type === 'checkbox') {
        if (answer === undefined ? field.checked : answer === true) body.append(field.name, field.value);
      } else if (field.type === 'radio') {
        if (answer === undefined ? field.checked : answer === field.value)
          body.append(field.name, field.value);
      } else {
        const value = answer === undefined ? field.value : String(answer);
        if (field.type === 'select' && value !== '' && !field.options.includes(value)) {
          throw new Error(`The form ${form.action} does not offer ${value} for ${field.name}.`);
        }
        body.append(field.name, value);
      }
    }
    return this.request(new URL(form.action), {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: body.toString(),
    });
  }

  private async request(url: URL, init: RequestInit): Promise<Page> {
    for (let redirects = 0; redirects < 10; redirects++) {
      const cookie = this.cookies
        .filter(({ path }) => url.pathname === path || url.pathname.startsWith(path.replace(/\/?$/, '/')))
        .map(({ name, value }) => `${name}=${value}`)
        .join('; ');
      const response = await fetch(url, {
        ...init,
        redirect: 'manual',
        headers: {
          accept: 'text/html,application/xhtml+xml',
          ...(init.method === 'POST' && { origin: this.origin }),
          ...(init.headers as Record<string, string>),
          ...(cookie && { cookie }),
        },
        signal: AbortSignal.timeout(20_000),
      });
      this.keep(response.headers.getSetCookie());
      const html = await response.text();
      const location = response.headers.get('location');
      if (response.status < 300 || response.status >= 400 || !location) {
        return {
          url: url.href,
          status: response.status,
          html,
          text: textOf(html),
          forms: formsOf(html, url.href),
        };
      }
      url = new URL(location, url);
      // 303 after a form: look at the result (RFC 9110, 15.4.4).
      init = { method: 'GET' };
    }
    throw new Error(`${url.href} redirects without end.`);
  }

  private keep(headers: string[]): void {
    for (const header of headers) {
      const [pair = '', ...attributes] = header.split(';').map((part) => part.trim());
      const at = pair.indexOf('=');
      const path = attributes.find((attribute) => /^path=/i.test(attribute))?.slice(5) ?? '/';
      const cookie = { name: pair.slice(0, at), value: pair.slice(at + 1), path };
      this.cookies = this.cookies.filter((other) => other.name !== cookie.name || other.path !== cookie.path);
      const ends = attributes.find((attribute) => /^(max-age=0|expires=.*1970)/i.test(attribute));
      if (!ends) this.cookies.push(cookie);
    }
  }
}

/** The text of a page or mail as a reader sees it: no tags, entities decoded, white space as one space. */
export function textOf(html: string): string {
  return decode(
    html
      .replace(/<(head|style|script)\b[\s\S]*?<\/\1>/gi, ' ')
      .replace(/<\/?(bdi|b|strong|em|span|a)\b[^>]*>/gi, '')
      .replace(/<[^>]*>/g, ' '),
  )
    .replace(/\s+/g, ' ')
    .trim();
}

/** Addresses of all links, in order. */
export function linksOf(html: string): string[] {
  return [...html.matchAll(/<a\b[^>]*>/gi)]
    .map(([tag]) => attributesOf(tag)['href'])
    .filter((href): href is string => href !== undefined);
}

/** Attributes of the page's root element: `lang`, `dir`. */
export function rootOf(html: string): Record<string, string> {
  return attributesOf(/<html\b[^>]*>/i.exec(html)?.[0] ?? '');
}

/** Attributes of the cells that say how their text runs, as some mail programs keep no more of a document. */
export function cellsOf(html: string): Record<string, string>[] {
  return [...html.matchAll(/<t[dh]\b[^>]*>/gi)]
    .map(([tag]) => attributesOf(tag))
    .filter(({ lang, dir }) => lang !== undefined || dir !== undefined);
}

function formsOf(html: string, base: string): Form[] {
  return [...html.matchAll(/(<form\b[^>]*>)([\s\S]*?)<\/form>/gi)].map(([, tag = '', inside = '']) => {
    const { action = '', method = 'get' } = attributesOf(tag);
    return {
      action: new URL(action || base, base).href,
      method: method.toLowerCase(),
      fields: fieldsOf(inside),
    };
  });
}

function fieldsOf(html: string): Field[] {
  const fields: Field[] = [];
  const tags = /<input\b[^>]*>|<select\b[^>]*>[\s\S]*?<\/select>|<textarea\b[^>]*>[\s\S]*?<\/textarea>/gi;
  for (const [tag] of html.matchAll(tags)) {
    const attributes = attributesOf(tag.slice(0, tag.indexOf('>') + 1));
    const { name, value, disabled } = attributes;
    if (!name || disabled !== undefined) continue;
    if (/^<input/i.test(tag)) {
      const type = attributes['type'] ?? 'text';
      if (type === 'submit' || type === 'button') continue;
      const checked = attributes['checked'] !== undefined;
      const standard = type === 'checkbox' || type === 'radio' ? 'on' : '';
      fields.push({ name, type, value: value ?? standard, checked, options: [] });
    } else if (/^<select/i.test(tag)) {
      const options = [...tag.matchAll(/(<option\b[^>]*>)([^<]*)/gi)].map(([, option = '', label = '']) => {
        const of = attributesOf(option);
        return { value: of['value'] ?? decode(label).trim(), selected: of['selected'] !== undefined };
      });
      const chosen = options.find(({ selected }) => selected) ?? options[0];
      const values = options.map((option) => option.value);
      fields.push({ name, type: 'select', value: chosen?.value ?? '', checked: false, options: values });
    } else {
      const text = decode(tag.replace(/^<textarea\b[^>]*>/i, '').replace(/<\/textarea>$/i, ''));
      fields.push({ name, type: 'textarea', value: text, checked: false, options: [] });
    }
  }
  return fields;
}

function attributesOf(tag: string): Record<string, string> {
  const attributes: Record<string, string> = {};
  const inside = tag.replace(/^<\s*[\w-]+/, '').replace(/\/?>$/, '');
  for (const [, name = '', quoted, single, bare] of inside.matchAll(
    /([^\s=/"']+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?/g,
  )) {
    attributes[name.toLowerCase()] = decode(quoted ?? single ?? bare ?? '');
  }
  return attributes;
}

const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: '\u00a0' };

function decode(text: string): string {
  return text.replace(/&(?:#x([\da-f]+)|#(\d+)|(\w+));/gi, (entity, hex, decimal, name) => {
    if (hex) return String.fromCodePoint(parseInt(hex as string, 16));
    if (decimal) return String.fromCodePoint(Number(decimal));
    return ENTITIES[(name as string).toLowerCase()] ?? entity;
  });
}
