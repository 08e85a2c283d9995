export type Report = {
  /** What was done, how often, and what came of it: a line each. */
  tried: string[];
  /** What must not be; empty when all is well. */
  lost: string[];
};

export type DrillOptions = {
  /** Chooses the moments; the same one chooses the same again. */
  seed: number;
  /** How often, where it is not the drill's own number. */
  rounds?: number;
  /** The version that another one meets, as git names it. */
  from?: string;
};

export type Drill = (options: DrillOptions) => Promise<Report>;

export function thousands(count: number): string {
  return count.toLocaleString('en');
}
