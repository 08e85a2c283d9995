import { part } from '#lib/paths.ts';

export const drawPath = (benefit: string | number): string =>
  `/benefits/${part(String(benefit))}/draw`;
export const drawListFile = (benefit: string): string => `/api/benefits/${part(benefit)}/draw/list`;
export const chancesFile = (benefit: string): string =>
  `/api/benefits/${part(benefit)}/draw/chances.csv`;
export const reportPath = (benefit: string): string => `/console/benefits/${part(benefit)}/draw`;
