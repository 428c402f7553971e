# Runs while installing: writes the files that name the prefix or the folder of the configuration.
# Given: CMAKE_INSTALL_PREFIX, `from` (this folder), `work` (scratch), and SYSCONFDIR, by default /etc.
if(NOT SYSCONFDIR)
  set(SYSCONFDIR /etc)
endif()
set(libexec ${CMAKE_INSTALL_PREFIX}/lib/connectsphere)
set(sysconf ${SYSCONFDIR})
file(REMOVE_RECURSE ${work})

# place(FROM TO VALUES…): configures one file and installs it as the file TO.
function(place template target)
  get_filename_component(folder ${target} DIRECTORY)
  get_filename_component(name ${target} NAME)
  configure_file(${from}/${template} ${work}/${name} @ONLY)
  file(INSTALL ${work}/${name} DESTINATION ${folder})
endfunction()

# ---- systemd: below /usr/local it also looks in lib/systemd, lib/sysusers.d and lib/tmpfiles.d

set(units ${CMAKE_INSTALL_PREFIX}/lib/systemd/system)
place(systemd/connectsphere.target ${units}/connectsphere.target)
place(systemd/connectsphere.sysusers ${CMAKE_INSTALL_PREFIX}/lib/sysusers.d/connectsphere.conf)
place(systemd/connectsphere.tmpfiles ${CMAKE_INSTALL_PREFIX}/lib/tmpfiles.d/connectsphere.conf)

set(description_gateway "gateway: owns the client ports, admits clients")
set(description_signaling "signaling: rooms, participants and chat")
set(description_video-relay "video relay")
set(description_audio-mixer "audio mixer")
set(description_screen-broker "screen broker")
set(description_file-store "file store")
set(description_status "status: health and figures over HTTP")
foreach(service gateway signaling video-relay audio-mixer screen-broker file-store status)
  set(description ${description_${service}})
  set(unit_extra "")
  if(service STREQUAL "gateway")
    # Sockets that are enabled are open before their service starts; those that are not do not matter.
    set(unit_extra "After=connectsphere-control.socket connectsphere-screen.socket connectsphere-files.socket\n\
After=connectsphere-video.socket connectsphere-audio.socket\n")
  endif()
  place(systemd/connectsphere-service.in ${units}/connectsphere-${service}.service)
endforeach()

set(ports control 9000 screen 9001 files 9002 video 10000 audio 11000)
while(ports)
  list(POP_FRONT ports plane port)
  set(listen ListenStream)
  if(plane MATCHES "video|audio")
    set(listen ListenDatagram)
  endif()
  place(systemd/connectsphere-socket.in ${units}/connectsphere-${plane}.socket)
endwhile()

# ---- the configuration: an administrator's is never overwritten; the sample stands beside the documentation

file(INSTALL ${from}/connectsphere.conf DESTINATION ${CMAKE_INSTALL_PREFIX}/share/doc/connectsphere)
set(conf ${sysconf}/connectsphere/connectsphere.conf)
if(EXISTS $ENV{DESTDIR}${conf})
  message(STATUS "Kept: $ENV{DESTDIR}${conf}")
else()
  file(READ ${from}/connectsphere.conf text)
  string(REGEX REPLACE "# run_dir: \"[^\"]*\"" "run_dir: \"/run/connectsphere\"" text "${text}")
  string(REGEX REPLACE "# state_dir: \"[^\"]*\"" "state_dir: \"/var/lib/connectsphere\"" text "${text}")
  file(WRITE ${work}/connectsphere.conf "${text}")
  file(INSTALL ${work}/connectsphere.conf DESTINATION ${sysconf}/connectsphere)
endif()
