// Uppy 6 with its Dashboard and temporary credentials: it signs in the browser, as Sluice does.

import { AwsS3, Dashboard, Uppy } from '../node_modules/uppy6/dist/uppy.min.mjs';
import { dashboard, style } from './uppy.mjs';

export async function start({ credentials, hosts, bucket, region, prefix }, place) {
  await style('../node_modules/uppy6/dist/uppy.min.css');
  return dashboard({ Uppy, Dashboard }, place, (uppy) => {
    uppy.use(AwsS3, {
      s3Endpoint: `${hosts[0]}/${bucket}`,
      region,
      getCredentials: async () => ({ credentials, bucket, region }),
      generateObjectKey: (file) => `${prefix}${file.name}`,
    });
  });
}
