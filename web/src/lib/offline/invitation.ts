const key = 'tongka-pairing';
const form = /^#([0-9A-HJKMNP-TV-Z]{26})$/;

/** The code in the address's fragment, taken out of it and kept until this tab is closed: who must sign in first comes back to it. */
export function takeInvitation(): string | null {
  const code = form.exec(location.hash)?.[1] ?? null;
  if (code === null) return null;
  sessionStorage.setItem(key, code);
  history.replaceState(history.state, '', location.pathname);
  return code;
}

export function invitation(): string | null {
  return sessionStorage.getItem(key);
}

export function dropInvitation(): void {
  sessionStorage.removeItem(key);
}
