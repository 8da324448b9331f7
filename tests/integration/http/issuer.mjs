// A real OpenID provider (oidc-provider, certified) for test_issuer.py: node issuer.mjs PORT AUDIENCE
import Provider from 'oidc-provider';

const [port, audience] = process.argv.slice(2);
const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [{
    client_id: 'portal', client_secret: 'of-the-test-only', grant_types: ['client_credentials'],
    redirect_uris: [], response_types: [],
  }],
  features: {
    clientCredentials: { enabled: true },
    devInteractions: { enabled: false },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => audience,
      useGrantedResource: () => true,
      getResourceServerInfo: () => ({ scope: '', audience, accessTokenFormat: 'jwt', jwt: { sign: { alg: 'RS256' } } }),
    },
  },
  extraTokenClaims: () => ({ organisation: 'hanbit', member: 'kim-1', roles: ['participant', 'unknown-role'] }),
});
provider.listen(Number(port), '127.0.0.1');
