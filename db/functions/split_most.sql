-- The most that each share of a funding rule can bear of one unit, by its position, at this price or any
-- lower one and whatever units are used together: split() never gives a share more than so much a
-- unit. What is reserved for places is counted with it. Without a rule it is one amount. Reads nothing.
create or replace function split_most(p_funding jsonb, p_price_fen bigint)
returns bigint[] language plpgsql immutable parallel safe as $$
declare
  rest bigint := p_price_fen;
  share jsonb;
  amounts bigint[] := '{}';
  parts bigint := 0;
  excess bigint := 0;
  bearer integer;
  place integer;
begin
  if p_funding is null then
    return array[p_price_fen];
  end if;

  for place in 1 .. jsonb_array_length(p_funding) loop
    share := p_funding -> place - 1;
    if share ? 'amountFen' then
      amounts[place] := least((share ->> 'amountFen')::bigint, rest);
      rest := rest - amounts[place];
    else
      parts := parts + (share ->> 'parts')::bigint;
    end if;
  end loop;

  for place in 1 .. jsonb_array_length(p_funding) loop
    share := p_funding -> place - 1;
    if not share ? 'amountFen' then
      -- Rounded up: of many units together a share may get the larger remainder of each.
      amounts[place] := (rest * (share ->> 'parts')::bigint + parts - 1) / greatest(parts, 1);
      if bearer is null and not share ? 'capFen' then
        bearer := place;
      end if;
    end if;
    if (share ->> 'capFen')::bigint < amounts[place] then
      excess := excess + amounts[place] - (share ->> 'capFen')::bigint;
      amounts[place] := (share ->> 'capFen')::bigint;
    end if;
  end loop;
  bearer := coalesce(bearer, 1);
  amounts[bearer] := least(amounts[bearer] + excess, p_price_fen);
  return amounts;
end
$$;
