ALTER TABLE "claim_event" DROP CONSTRAINT "claim_event_cell_claim_id_claim_cell_id_fk";
