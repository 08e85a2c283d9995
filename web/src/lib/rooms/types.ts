import type { InferRequestType, InferResponseType } from 'hono/client';
import type { api } from '#lib/api.ts';

type OfBenefit = (typeof api.benefits)[':id'];

export type RoomWeek = InferResponseType<OfBenefit['room']['$get'], 200>;
export type RoomCalendar = InferResponseType<OfBenefit['room-calendar']['$get'], 200>;
export type Booking = RoomCalendar['bookings'][number];
export type RoomForm = InferRequestType<OfBenefit['room']['$put']>['json'];
