// What the bare loops have in common: no view, no retries, nothing kept. They are the floor and the ceiling.

/** A file input that sends everything at once through `send(file, slot)`, so many at a time. */
export function loop(place, inFlight, send) {
  const input = Object.assign(document.createElement('input'), { type: 'file', multiple: true, id: 'files' });
  place.append(input);
  input.onchange = async () => {
    const queue = [...input.files];
    let failed = 0;
    await Promise.all(Array.from({ length: inFlight }, async (_, slot) => {
      for (let file = queue.shift(); file; file = queue.shift()) {
        const answer = await send(file, slot).catch((error) => (console.error(error), { ok: false }));
        if (!answer.ok) failed += 1;
      }
    }));
    window.finished = { failed };
  };
  return '#files';
}
