-- What each share of a funding rule bears of a use, in fen, by the share's position: the one home of
-- the arithmetic. First the shares of an amount, in order: so much a unit, or what is left. Then the
-- shares by parts divide the rest (split_by). What goes beyond a share's capFen a unit is borne by
-- the first share by parts that has no cap. Sums to price × quantity, always; without a rule it is
-- one amount. A rule that has no share by parts without a cap, which nobody can store, would leave
-- such a rest to its first share. Reads nothing.
create or replace function split(p_funding jsonb, p_price_fen bigint, p_quantity integer)
returns bigint[] language plpgsql immutable parallel safe as $$
declare
  rest bigint := p_price_fen * p_quantity;
  count integer := jsonb_array_length(p_funding);
  share jsonb;
  place integer;
  amounts bigint[];
  parts bigint[] := '{}';
  by_parts bigint[];
  excess bigint := 0;
  bearer integer;
begin
  if p_funding is null then
    return array[rest];
  end if;

  for place in 1 .. count loop
    share := p_funding -> place - 1;
    if share ? 'amountFen' then
      amounts[place] := least((share ->> 'amountFen')::bigint * p_quantity, rest);
      rest := rest - amounts[place];
      parts[place] := 0;
    else
      parts[place] := (share ->> 'parts')::bigint;
      if bearer is null and not share ? 'capFen' then
        bearer := place;
      end if;
    end if;
  end loop;

  by_parts := split_by(parts, rest);
  for place in 1 .. count loop
    share := p_funding -> place - 1;
    amounts[place] := coalesce(amounts[place], 0) + by_parts[place];
    if (share ->> 'capFen')::bigint * p_quantity < amounts[place] then
      excess := excess + amounts[place] - (share ->> 'capFen')::bigint * p_quantity;
      amounts[place] := (share ->> 'capFen')::bigint * p_quantity;
    end if;
  end loop;
  if excess > 0 then
    bearer := coalesce(bearer, 1);
    amounts[bearer] := amounts[bearer] + excess;
  end if;
  return amounts;
end
$$;
