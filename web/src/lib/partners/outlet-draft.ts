import { type Hours, usualHours } from './hours.ts';
import type { OwnApplication } from './types.ts';

/** An outlet as it is typed. */
export type OutletDraft = {
  districtId: string;
  nameZh: string;
  nameEn: string;
  addressZh: string;
  addressEn: string;
  latitude: string;
  longitude: string;
  hours: Hours;
};

export const emptyOutlet = (): OutletDraft => ({
  districtId: '',
  nameZh: '',
  nameEn: '',
  addressZh: '',
  addressEn: '',
  latitude: '',
  longitude: '',
  hours: usualHours,
});

export const draftOf = (outlet: OwnApplication['outlets'][number]): OutletDraft => ({
  ...outlet,
  districtId: String(outlet.districtId),
  latitude: String(outlet.latitude),
  longitude: String(outlet.longitude),
});

/** As the API takes it. */
export const outletOf = ({ districtId, latitude, longitude, hours, ...texts }: OutletDraft) => ({
  ...texts,
  districtId: Number(districtId),
  latitude: Number(latitude),
  longitude: Number(longitude),
  hours: [...hours],
});

/** Whether something is still to be filled in. Numbers that are none are for the server to refuse. */
export const isUnfinished = (draft: OutletDraft): boolean =>
  Object.values(draft).some((part) => typeof part === 'string' && part.trim() === '');
