const key = 'tongka-district';

/** The district the member looked at last; the list begins there next time. */
export function chosenDistrict(): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

export function chooseDistrict(id: string | null): void {
  try {
    if (id === null) localStorage.removeItem(key);
    else localStorage.setItem(key, id);
  } catch {
    // Not remembered then.
  }
}
