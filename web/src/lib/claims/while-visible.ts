/**
 * Works once after another while the page is looked at, and not at all while it is not: `wait` says how many milliseconds
 * after the end of one turn the next begins. What fails is tried again in its turn. Returns how to stop.
 */
export function whileVisible(work: () => Promise<unknown>, wait: () => number): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isOver = false;

  const turn = async (): Promise<void> => {
    clearTimeout(timer);
    if (isOver || document.visibilityState !== 'visible') return;
    await work().catch(() => undefined);
    clearTimeout(timer);
    if (!isOver) timer = setTimeout(() => void turn(), wait());
  };
  const look = (): void => void turn();

  document.addEventListener('visibilitychange', look);
  timer = setTimeout(look, wait());
  return () => {
    isOver = true;
    clearTimeout(timer);
    document.removeEventListener('visibilitychange', look);
  };
}
