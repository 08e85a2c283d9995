/** Where the phone is, to a tenth of a kilometre; known to this page only, never kept and never in an address. */
class Place {
  #near = $state<string | undefined>();
  #isRefused = $state(false);
  #isAsking = $state(false);

  /** As the header X-Near takes it: `39.905,116.391`. */
  get near(): string | undefined {
    return this.#near;
  }
  get isRefused(): boolean {
    return this.#isRefused;
  }
  get isAsking(): boolean {
    return this.#isAsking;
  }

  find(): void {
    this.#isAsking = true;
    navigator.geolocation.getCurrentPosition(
      ({ coords: { latitude, longitude } }) => {
        this.#near = `${latitude.toFixed(3)},${longitude.toFixed(3)}`;
        this.#isRefused = false;
        this.#isAsking = false;
      },
      () => {
        this.#isRefused = true;
        this.#isAsking = false;
      },
      { timeout: 10_000, maximumAge: 300_000 },
    );
  }

  forget(): void {
    this.#near = undefined;
  }
}

export const place = new Place();
