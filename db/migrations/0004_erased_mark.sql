ALTER TABLE "member" DROP CONSTRAINT "member_sealed";--> statement-breakpoint
DROP INDEX "member_erased";--> statement-breakpoint
ALTER TABLE "member" ADD COLUMN "erased_mark" "bytea";--> statement-breakpoint
CREATE INDEX "member_erased_mark" ON "member" USING btree ("erased_mark") WHERE "member"."erased_mark" is not null;--> statement-breakpoint
CREATE INDEX "member_erased" ON "member" USING btree ("erased_at") WHERE "member"."erased_at" is not null and ("member"."id_hash" is not null or "member"."erased_mark" is not null);--> statement-breakpoint
ALTER TABLE "member" ADD CONSTRAINT "member_sealed" CHECK (("member"."phone_hash" is null) = ("member"."phone_cipher" is null) and ("member"."id_cipher" is null or "member"."id_hash" is not null and "member"."erased_at" is null));