export type Turns = {
  /** Reckons the wait for the next turn anew, since there is reason to come earlier. */
  again: () => void;
  stop: () => void;
};

/**
 * Works once after another while the page is looked at, and not at all while it is not: `wait` says how many milliseconds
 * after the end of one turn the next begins. What fails is tried again in its turn.
 */
export function whileVisible(work: () => Promise<unknown>, wait: () => number): Turns {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isOver = false;

  const turn = async (): Promise<void> => {
    clearTimeout(timer);
    if (isOver || document.visibilityState !== 'visible') return;
    await work().catch(() => undefined);
    again();
  };
  const look = (): void => void turn();
  const again = (): void => {
    clearTimeout(timer);
    if (!isOver) timer = setTimeout(look, wait());
  };

  document.addEventListener('visibilitychange', look);
  again();
  return {
    again,
    stop: () => {
      isOver = true;
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', look);
    },
  };
}
