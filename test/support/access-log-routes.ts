/**
 * The shipped bootstrap with one route whose upstream is not there (/away/1), and one path (/teapot) that Envoy answers without
 * asking anybody; its access log comes at once.
 */
export const withAwayAndTeapot = (text: string): string =>
  text
    .replace(
      '                        - match: { prefix: / }\n',
      `                        - match: { path: /away/1 }
                          route: { cluster: nobody }
                        - match: { path: /teapot }
                          name: teapot
                          direct_response: { status: 418 }
                          typed_per_filter_config:
                            envoy.filters.http.ext_authz:
                              "@type": type.googleapis.com/envoy.extensions.filters.http.ext_authz.v3.ExtAuthzPerRoute
                              disabled: true
                        - match: { prefix: / }
`,
    )
    .replace(
      '\n  clusters:\n',
      '\n  clusters:\n    - name: nobody\n      type: STATIC\n      connect_timeout: 1s\n      load_assignment: { cluster_name: nobody }\n',
    )
    .replace('buffer_flush_interval: 1s', 'buffer_flush_interval: 0.05s');
