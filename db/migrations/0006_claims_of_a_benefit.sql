DROP INDEX "claim_benefit";--> statement-breakpoint
CREATE INDEX "claim_benefit" ON "claim" USING btree (("benefit_id" + 0),"made_at");