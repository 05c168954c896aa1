// Starts the upload worker: keeps what the page says until the WASM is ready.
const early = [];
onmessage = (event) => early.push(event);

try {
  const { default: init, start } = await import("/pkg/worker.js");
  await init({ module_or_path: "/pkg/worker_bg.wasm" });
  start(early);
} catch (error) {
  console.error(error);
  postMessage(
    JSON.stringify({
      phase: {
        phase: "broken",
        message: "The part of this page that sends files could not be loaded. Check the network and reload the page.",
      },
      totals: {
        files: 0, waiting: 0, sending: 0, stored: 0, failed: 0, refused: 0, cancelled: 0, bytes: 0, sent_bytes: 0, retries: 0,
      },
      bytes_per_second: 0,
      seconds_left: null,
      list_len: 0,
      first: 0,
      rows: [],
    }),
  );
}
