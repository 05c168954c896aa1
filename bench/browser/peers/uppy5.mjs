// Uppy 5 with its Dashboard. Its own signing knows AWS' host names only, so it gets URLs that were presigned before.

import { AwsS3, Dashboard, Uppy } from '../node_modules/uppy5/dist/uppy.min.mjs';
import { dashboard, style } from './uppy.mjs';

export async function start({ urls }, place) {
  await style('../node_modules/uppy5/dist/uppy.min.css');
  return dashboard({ Uppy, Dashboard }, place, (uppy) => {
    uppy.use(AwsS3, {
      shouldUseMultipart: false,
      getUploadParameters: async (file) => ({ method: 'PUT', url: urls[file.name], headers: {} }),
    });
  });
}
