# syntax=docker/dockerfile:1
# One node of the service. Build:  docker build -t calls .
# Run:  docker run -p 8080:8080 -p 7882:7882/udp -p 7882:7882 -v calls-data:/data \
#         -e CALLS__AUTH__KEYS='a secret of at least 32 bytes ...' -e CALLS__MEDIA__ADDRESSES=203.0.113.5 calls

FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
ENV DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
WORKDIR /source
COPY . .
RUN --mount=type=cache,target=/root/.nuget/packages \
    dotnet publish src/Calls.Host/Calls.Host.csproj -c Release -o /app --nologo

FROM mcr.microsoft.com/dotnet/aspnet:10.0
# DTLS handshakes are OpenSSL 3's. The image has it for .NET's own sake; if that ever changes, the build fails here and
# not the first call.
RUN ldconfig -p | grep -q 'libssl\.so\.3'
# The embedded store's folder, writable for the user that the service runs as.
RUN mkdir /data && chown "$APP_UID" /data
WORKDIR /app
COPY --from=build /app .
# The image's own ports would be announced beside ours.
ENV ASPNETCORE_HTTP_PORTS= \
    ASPNETCORE_URLS=http://*:8080 \
    CALLS__DATA__PATH=/data
USER $APP_UID
VOLUME /data
# WebSocket and REST; all media.
EXPOSE 8080/tcp 7882/udp 7882/tcp
# Liveness, not readiness: a node that drains must not be restarted. The image has no curl, bash can do it.
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
    CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/8080 && printf 'GET /healthz HTTP/1.0\\r\\n\\r\\n' >&3 && head -n 1 <&3 | grep -q ' 200 '"]
ENTRYPOINT ["dotnet", "Calls.Host.dll"]
