import type { OfflineTerms } from '../../db/schema/leases.ts';
import type { LeaseView } from '../../api/devices/queries.ts';
import type { Uploaded } from '../../api/offline/upload.ts';
import type { Sql } from '../../db/client.ts';
import type { Browser, TestAppOptions } from './app.ts';
import { type BenefitOptions, idIn } from './city.ts';
import { type Console, openConsole } from './console.ts';
import { type Counter, expectStatus, type Holder, openCounter, passOf } from './counter.ts';
import { DevicePhone, type Scan } from './device-phone.ts';
import { allowOffline } from './offline.ts';

export const terms: OfflineTerms = {
  units: 5,
  hours: 8,
  cardUsesADay: 3,
  valueMaxFen: 20_000,
  variancePayer: 'union',
};

/** A counter with its manager and unions, whose phones redeem where there is no signal. */
export class Basement {
  readonly sql: Sql;
  readonly counter: Counter;
  readonly desk: Console;

  constructor(counter: Counter, desk: Console) {
    this.sql = counter.city.sql;
    this.counter = counter;
    this.desk = desk;
  }

  /** Pairs a new phone with an outlet, as people do it. */
  async pair(outlet = this.counter.city.outlet.id, till = this.counter.till): Promise<DevicePhone> {
    const phone = await DevicePhone.make();
    const { code } = await this.invite(outlet);
    const { publicKey } = phone;
    const paired = till.post('/api/devices', { code, publicKey });
    phone.id = (await expectStatus<{ id: number }>(paired, 201)).id;
    return phone;
  }

  invite(outlet = this.counter.city.outlet.id): Promise<{ code: string; url: string }> {
    return expectStatus(
      this.desk.manager.post(`/api/outlets/${outlet}/pairings`, { name: '地下一层' }),
      201,
    );
  }

  /** A benefit that may be used without a network. */
  async addBenefit(
    options: BenefitOptions = {},
    leave: Partial<OfflineTerms> = {},
  ): Promise<number> {
    const benefit = await this.counter.city.addBenefit({ limit: [10, 'total'], ...options });
    await allowOffline(this.sql, benefit, { ...terms, ...leave });
    return benefit;
  }

  /** What the phone holds after it asked for more. */
  async renew({ id }: DevicePhone, till = this.counter.till): Promise<LeaseView[]> {
    const answer = till.post(`/api/devices/${id}/leases`);
    return (await expectStatus<{ leases: LeaseView[] }>(answer, 200)).leases;
  }

  /** The phone's lease of a benefit. */
  async leaseOf(phone: DevicePhone, benefit: number): Promise<number> {
    const lease = (await this.renew(phone)).find((one) => one.benefit === benefit);
    if (!lease) throw new Error('The device got no lease.');
    return lease.id;
  }

  /** What the phone writes down when this holder shows his present pass. */
  async scanOf(
    holder: Holder,
    benefit: number,
    lease: number,
    changed: Partial<Scan> = {},
  ): Promise<Scan> {
    return {
      id: idIn(holder.cell),
      pass: (await passOf(holder)).url,
      benefit,
      quantity: 1,
      lease,
      scannedAt: new Date().toISOString(),
      clockOffsetMs: 0,
      listAt: null,
      user: this.counter.city.operator.userId,
      ...changed,
    };
  }

  async upload(
    phone: DevicePhone,
    from?: number,
    count?: number,
    till: Browser = this.counter.till,
  ): Promise<Uploaded> {
    const sent = await phone.upload(from, count);
    return expectStatus(till.post(`/api/devices/${phone.id}/uploads`, sent), 200);
  }
}

export async function openBasement(sql: Sql, options?: TestAppOptions): Promise<Basement> {
  const counter = await openCounter(sql, options);
  return new Basement(counter, await openConsole(sql, counter));
}
