// The card on browsers below the design floor: no framework, old syntax after the build, one page. It signs in, puts the
// card on the phone and shows the code and the short code; everything else needs a newer browser.
import { dropBooklet, passAt, type Booklet } from '../lib/card/booklet.ts';
import { draw } from '../lib/card/modules.ts';
import { grouped } from '../lib/grouped.ts';
import { m } from '../lib/paraglide/messages.js';

type Failure = { status: number; code: string };

const place = document.getElementById('plain');
const svg = 'http://www.w3.org/2000/svg';

function call<Answer>(method: string, path: string, body?: unknown): Promise<Answer> {
  return new Promise((settle, fail) => {
    const request = new XMLHttpRequest();
    request.open(method, path);
    if (body !== undefined) request.setRequestHeader('content-type', 'application/json');
    request.onload = () => {
      const answer: unknown = JSON.parse(request.responseText || 'null');
      if (request.status < 400) return settle(answer as Answer);
      fail({ status: request.status, code: (answer as { code?: string } | null)?.code ?? '' });
    };
    request.onerror = () => fail({ status: 0, code: 'offline' });
    request.send(body === undefined ? null : JSON.stringify(body));
  });
}

function element(name: string, text = ''): HTMLElement {
  const made = document.createElement(name);
  made.textContent = text;
  return made;
}

function show(...parts: Element[]): void {
  if (place === null) return;
  place.textContent = '';
  parts.forEach((part) => place.appendChild(part));
}

function button(text: string, press: () => void): HTMLElement {
  const made = element('button', text);
  made.onclick = press;
  return made;
}

function field(label: string): { label: HTMLElement; input: HTMLInputElement } {
  const made = element('label', label);
  const input = document.createElement('input');
  input.type = 'tel';
  made.appendChild(input);
  return { label: made, input };
}

function askPhone(): void {
  dropBooklet();
  const { label, input } = field(m.sign_phone());
  const send = (): void => {
    const phoneNumber = input.value;
    call('POST', '/api/auth/phone-number/send-otp', { phoneNumber }).then(
      () => askCode(phoneNumber),
      refused,
    );
  };
  show(label, button(m.sign_send(), send));
}

function askCode(phoneNumber: string): void {
  const { label, input } = field(m.sign_code());
  const verify = (): void => {
    const code = input.value;
    call('POST', '/api/auth/phone-number/verify', { phoneNumber, code }).then(open, refused);
  };
  show(label, button(m.sign_verify(), verify));
}

function askEnrolment(takeover: boolean): void {
  const text = takeover ? m.card_takeover_title() : m.card_enrol_text();
  const enrol = (): void => {
    call('POST', '/api/me/card/enrolment', { phoneLabel: m.card_some_phone(), takeover }).then(
      open,
      refused,
    );
  };
  show(element('p', text), button(takeover ? m.card_takeover() : m.card_enrol(), enrol));
}

function refused({ status, code }: Failure): void {
  if (status === 401) return askPhone();
  if (code === 'card_not_enrolled' || code === 'card_replaced' || code === 'card_lost') {
    return askEnrolment(false);
  }
  if (code === 'card_on_another_phone') return askEnrolment(true);
  const text = status === 0 ? m.error_offline() : m.error_internal_error();
  show(element('p', text), button(m.common_retry(), open));
}

function open(): void {
  call<Booklet>('GET', '/api/me/passes').then(showCode, refused);
}

function showCode(booklet: Booklet): void {
  const clockError = Date.now() - Date.parse(booklet.serverTime);
  let shown = '';
  const beat = (): void => {
    const pass = passAt(booklet, Date.now() - clockError);
    if (pass === null) return open();
    if (pass.code !== shown) {
      shown = pass.code;
      show(picture(pass.url), element('strong', grouped(pass.code.replace(/[^0-9A-Z]/g, ''))));
    }
    setTimeout(beat, 1000);
  };
  beat();
}

function picture(text: string): Element {
  const { path, box } = draw(text);
  const made = document.createElementNS(svg, 'svg');
  made.setAttribute('viewBox', box);
  made.setAttribute('role', 'img');
  made.setAttribute('aria-label', m.card_code_label());
  const line = document.createElementNS(svg, 'path');
  line.setAttribute('d', path);
  made.appendChild(line);
  return made;
}

document.title = m.card_title();
open();
