// What is plugged in.

/** Chromium lists the system's own choices a second time under these. */
const ALIASES = new Set(['default', 'communications']);

/**
 * @param {MediaDeviceKind} kind
 * @param {string} word what to call one whose name the browser keeps to itself: it tells names once a microphone was allowed
 * @returns {Promise<{ id: string, label: string }[]>}
 */
export async function listDevices(kind, word) {
  const devices = (await navigator.mediaDevices?.enumerateDevices()) ?? [];
  return devices
    .filter((device) => device.kind === kind && device.deviceId !== '' && !ALIASES.has(device.deviceId))
    .map(({ deviceId, label }, index) => ({ id: deviceId, label: label || `${word} ${index + 1}` }));
}
