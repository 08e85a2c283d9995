-- Divides an amount by weights, in whole fen: each gets its share rounded down, and what that leaves
-- goes by one fen to the largest remainders, of equal ones to the earlier. Sums to the amount,
-- always; without any weight the first one gets all. Negative weights are not for it. Reads nothing.
create or replace function split_by(p_weights bigint[], p_amount bigint) returns bigint[]
language plpgsql immutable parallel safe as $$
declare
  total numeric := 0;
  place integer;
  largest integer;
  rest bigint := p_amount;
  amounts bigint[] := '{}';
  remainders numeric[] := '{}';
begin
  for place in 1 .. cardinality(p_weights) loop
    total := total + p_weights[place];
  end loop;
  for place in 1 .. cardinality(p_weights) loop
    if total = 0 then
      amounts[place] := case when place = 1 then p_amount else 0 end;
    else
      amounts[place] := div(p_amount::numeric * p_weights[place], total);
      remainders[place] := p_amount::numeric * p_weights[place] % total;
    end if;
    rest := rest - amounts[place];
  end loop;
  while rest > 0 and amounts <> '{}' loop
    largest := 1;
    for place in 2 .. cardinality(p_weights) loop
      if remainders[place] > remainders[largest] then
        largest := place;
      end if;
    end loop;
    amounts[largest] := amounts[largest] + 1;
    remainders[largest] := -1;
    rest := rest - 1;
  end loop;
  return amounts;
end
$$;
